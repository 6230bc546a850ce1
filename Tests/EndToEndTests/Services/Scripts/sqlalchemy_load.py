"""SQLAlchemy on psycopg 2, with its own pool. usage: sqlalchemy_load.py REQUESTS; the address comes from libpq's variables."""

import contextlib
import sys

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from workload import TICKET, Workload


class SQLAlchemy:
    def __init__(self):
        self.engine = create_engine("postgresql+psycopg2://", pool_size=3, max_overflow=0, pool_timeout=120)

    @contextlib.contextmanager
    def inside(self, company):
        with self.engine.connect() as db:
            with db.begin():
                ticket, refusal = db.execute(text(TICKET.format(":company")), {"company": company}).one()
            assert refusal is None, refusal
            with db.begin():
                db.execute(text("SELECT piste.use(:ticket)"), {"ticket": ticket})
                yield lambda sql: db.execute(text(sql)).all()

    def alone(self, sql):
        with self.engine.begin() as db:
            return db.execute(text(sql)).all()

    def together(self, statements):
        with self.engine.connect() as db:
            with contextlib.closing(db.begin()):
                return [db.execute(text(sql)).all() for sql in statements][-1]

    def state(self, error):
        return error.orig.pgcode if isinstance(error, DBAPIError) else None


Workload(SQLAlchemy(), int(sys.argv[1])).run()
