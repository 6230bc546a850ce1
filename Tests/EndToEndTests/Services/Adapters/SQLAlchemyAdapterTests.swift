import Tenancy
import TestSupport
import Testing

/// `piste client sqlalchemy`, for Core and ORM, on a pool of one connection.
struct SQLAlchemyAdapterTests {
    @Test(
        .enabled(
            if: Driver.sqlalchemy.isInstalled, "needs SQLAlchemy and psycopg 2 (Debian's python3-sqlalchemy)")
    )
    func sqlalchemy() async throws {
        try await ServiceWorld.run { world in
            let lines = try await AdapterRun.lines(
                .sqlalchemy, .sqlalchemy,
                """
                from sqlalchemy import BigInteger, Column, Text, create_engine, select
                from sqlalchemy.orm import declarative_base
                from piste_sqlalchemy import Missed, Piste, Refused, enqueue
                Base = declarative_base()
                class User(Base):
                    __tablename__ = "users"
                    id = Column(BigInteger, primary_key=True)
                    name = Column(Text)
                    email = Column(Text)
                class Journey(Base):
                    __tablename__ = "journeys"
                    id = Column(BigInteger, primary_key=True)
                piste = Piste(create_engine("postgresql+psycopg2://", pool_size=1, max_overflow=0))
                for n in range(30):
                    company = ("acme", "globex")[n % 2]
                    users = piste.get_users(company)
                    assert len(users) == 20 and all(u["email"].endswith("@%s.example" % company) for u in users)
                    with piste.inside(company, "users", action="users.rename") as session:
                        session.get(User, 7).name = "Grace %d" % n
                try:
                    with piste.inside("acme", "users") as session:
                        session.get(User, 7).name = "lost"
                        session.scalars(select(Journey)).all()
                except Missed as missed:
                    print(list(missed.reasons))
                try:
                    piste.get_users("nobody")
                except Refused as refused:
                    print(refused.code)
                with piste.inside("acme", "users") as session:
                    user = session.get(User, 7)
                print(user.name)
                for call in [lambda: piste.create_company("A", "aa", "b"), lambda: piste.impersonate_company("acme", "why")]:
                    try:
                        call()
                    except Refused as refused:
                        print(refused.code)
                print(piste.generate_context_token("acme").count("."))
                import adapter_steps
                adapter_steps.outbox(piste, enqueue)
                def rename(session, user, name):
                    session.get(User, user).name = name
                adapter_steps.long_work(piste, rename)
                """, world)
            #expect(
                lines == [
                    "['journeys']", "unknown_company", "Grace 28", "not_allowed", "not_allowed", "2",
                ] + AdapterRun.steps, "\(lines)")
            #expect(try await AdapterRun.records("users.rename", world) == 15)
            try await AdapterRun.expectSteps(world)
        }
    }
}
