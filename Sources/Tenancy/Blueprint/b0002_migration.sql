-- From blueprint 1 to 2: places of steps begin at 1, as the funnel and the list of journeys take for granted.
--
-- A company that has become large also gets the indexes of b0002_growth.

ALTER TABLE {schema}.journeys ADD CONSTRAINT journeys_current_step_check CHECK (current_step > 0);
ALTER TABLE {schema}.journey_steps ADD CONSTRAINT journey_steps_position_check CHECK ("position" > 0);
