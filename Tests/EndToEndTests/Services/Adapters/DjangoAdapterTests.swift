import Foundation
import LocalCluster
import Postgres
import Tenancy
import TestSupport
import Testing

/// `piste client django`: the middleware on Django's own backend, and the backend of the same file with everything that Django does.
struct DjangoAdapterTests {
    @Test(.enabled(if: Driver.django.isInstalled, "needs Django and psycopg 2 (Debian's python3-django)"))
    func django() async throws {
        try await ServiceWorld.run { world in
            let lines = try await AdapterRun.lines(
                .django, .django,
                """
                import os
                import django
                from django.conf import settings
                settings.configure(
                    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"],
                        "NAME": os.environ["PGDATABASE"], "USER": os.environ["PGUSER"], "ATOMIC_REQUESTS": True}},
                    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", USE_TZ=True,
                    MIDDLEWARE=["piste_django.InsideCompany"], PISTE={"tables": "users,journeys"})
                django.setup()
                from django.db import models
                from django.http import JsonResponse, StreamingHttpResponse
                from django.test import Client
                from django.urls import path
                from piste_django import Missed, PisteError, drain, enqueue, finish, inside
                class User(models.Model):
                    name = models.TextField()
                    email = models.TextField()
                    class Meta:
                        app_label = "shop"
                        db_table = "users"
                        managed = False
                def users(request):
                    if request.method == "POST":
                        User.objects.filter(id=7).update(name=request.POST["name"])
                        if request.POST["name"] in ("lost", "Grace 28"):
                            enqueue("mail.renamed", {"name": request.POST["name"]})
                        return JsonResponse({}, status=500 if "crash" in request.POST else 200)
                    return JsonResponse({"users": [u.email for u in User.objects.order_by("id").iterator()]})
                def stream(request):
                    return StreamingHttpResponse(u.name + ";" for u in User.objects.filter(id=7))
                urlpatterns = [path("users", users), path("stream", stream)]
                client = Client(raise_request_exception=False)
                for n in range(30):
                    company = ("acme", "globex")[n % 2]
                    host = company + ".shop.example"
                    emails = client.get("/users", HTTP_HOST=host).json()["users"]
                    assert len(emails) == 20 and all(e.endswith("@%s.example" % company) for e in emails)
                    assert client.post("/users", {"name": "Grace %d" % n}, HTTP_HOST=host).status_code == 200
                    assert client.post("/users", {"name": "lost", "crash": 1}, HTTP_HOST=host).status_code == 500
                print(client.get("/users", HTTP_HOST="nobody.shop.example").status_code)
                print(client.get("/stream", HTTP_HOST="acme.shop.example").content.decode())
                try:
                    with inside("acme", "journeys", read_only=True):
                        list(User.objects.all())
                except Missed as missed:
                    print(list(missed.reasons))
                with inside("acme", "users"):
                    try:
                        with inside("globex", "users"):
                            pass
                    except PisteError as error:
                        print(error)
                    try:
                        drain()
                    except PisteError as error:
                        print(error)
                jobs = drain(10, seconds=60)
                print([(j.company, j.kind, j.payload, j.attempt) for j in jobs], finish(jobs), finish(jobs), drain())
                """, world)
            #expect(
                lines == [
                    "404", "Grace 28;", "['users']",
                    "the connection is in a transaction already: a ticket has one of its own",
                    "the connection is in a transaction already: jobs leave when their record is committed",
                    "[('acme', 'mail.renamed', {'name': 'Grace 28'}, 1)] 1 0 []",
                ], "\(lines)")
            #expect(try await AdapterRun.records("web.read", world) == 16)
        }
    }

    /// A site whose ENGINE is the printed file: it is migrated by Piste, and works as sites do, with each Django there is.
    @Test(.enabled(if: Driver.django.isInstalled, "needs Django and psycopg 2 (Debian's python3-django)"))
    func backend() async throws {
        try await ServiceWorld.run { world in
            let folder = try TemporaryFolder()
            let site = folder.path + "/site"
            try FileManager.default.copyItem(atPath: Driver.folder + "/piste_site", toPath: site)
            try await AdapterRun.write(.django, to: site)
            let debian = Driver.django.interpreter
            var variables = world.variables(world.till)
            variables.merge([
                "PYTHONPATH": "\(site):\(Driver.folder)", "DJANGO_SETTINGS_MODULE": "settings",
                "DJANGO_SUPERUSER_PASSWORD": "hunter2", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8",
            ]) { $1 }
            func run(
                _ python: [String], _ arguments: String..., with more: [String: String] = [:]
            ) async throws -> Program {
                // A path with an equals sign in it would be a variable to env.
                try await Driver.run(
                    ["/bin/sh", "-c", #"exec "$0" "$@""#] + python + arguments,
                    environment: variables.merging(more) { $1 })
            }
            func expect(_ ended: Program, _ lines: [String]? = nil) {
                #expect(ended.status == 0, "\(ended.output)\(ended.errors.suffix(3000))")
                if let lines {
                    #expect(ended.output.split(separator: "\n").map(String.init) == lines, "\(ended.errors)")
                }
            }

            expect(try await run(debian, "-m", "django", "makemigrations", "shop"))
            let early = try await run(debian, "-m", "django", "migrate")
            #expect(early.status == 1 && early.errors.hasPrefix("CommandError: "), "\(early)")
            #expect(early.errors.contains("piste migrate --with 'python manage.py migrate'"), "\(early)")
            // The settings name the service, and the run is another login's all the same.
            let exports = variables.filter { !$0.key.hasPrefix("PG") }.map {
                "export \($0.key)='\($0.value)';"
            }
            let migrated = try await Piste.run(
                [
                    "migrate", "--with",
                    exports.joined(separator: " ") + " export SERVICE=\(world.till); "
                        + debian.joined(separator: " ") + " -m django migrate",
                ],
                environment: [
                    "PISTE_DATABASE_URL":
                        "postgresql://\(RunningCluster.superuser)@/\(world.database.name)?host="
                        + world.database.cluster.socketDirectory
                ])
            #expect(migrated.status == 0, "\(migrated)")
            for company in ["acme", "globex"] {
                expect(
                    try await run(
                        debian, "-m", "piste_django", company, "createsuperuser", "--noinput",
                        "--username", "root", "--email", "root@\(company).example"))
            }
            let told = try await run(debian, "-m", "piste_django", "acme", "showmigrations", "shop")
            expect(told, ["shop", " [X] 0001_initial"])
            try await AdapterRun.write(.django, to: site + "/shop")
            let packed = try await run(
                debian, "-m", "shop.piste_django", "acme", "showmigrations", "shop",
                with: ["ADAPTER": "shop.piste_django"])
            expect(packed, ["shop", " [X] 0001_initial"])
            let nobody = try await run(debian, "-m", "piste_django", "nobody", "showmigrations")
            #expect(nobody.status == 1 && nobody.errors.hasPrefix("unknown_company: "), "\(nobody)")
            #expect(try await run(debian, "-m", "piste_django", "acme", "migrate").status == 1)

            expect(
                try await run(debian, "\(site)/use.py", "--steps"), AdapterRun.steps + ["as it should be"])
            try await AdapterRun.expectSteps(world)
            expect(try await run(debian, "\(site)/use.py", with: ["ATOMIC": "1"]), ["as it should be"])
            let newer = await TenantsSiteTests.environment.value.path.map { [$0, "-B"] } ?? debian
            if let pgbouncer = Driver.pgbouncer {
                let through = ["/usr/bin/python3", "\(Driver.folder)/through_pgbouncer.py", pgbouncer]
                expect(
                    try await run(through, "transaction", newer[0], "-B", "\(site)/use.py"),
                    ["as it should be"])
            } else {
                expect(try await run(newer, "\(site)/use.py"), ["as it should be"])
            }

            // Django's tests make a database of their own, which a service's login may not.
            let test = ["-m", "django", "test", "shop", "--noinput"]
            let tested = try await run(debian + test, with: ["PGUSER": RunningCluster.superuser])
            #expect(tested.status == 0 && tested.errors.contains("Ran 2 tests"), "\(tested)")
            let untested = try await run(debian + test)
            #expect(
                untested.status != 0 && (untested.errors + untested.output).contains("permission denied"),
                "\(untested)")

            // People beside the companies: another login's tables, which the router sends to it.
            let login = world.database.roleName("site_d")
            try await world.owner.query("CREATE ROLE \(login) LOGIN")
            try await world.owner.query("GRANT CREATE ON SCHEMA public TO \(login)")
            let shared = ["DJANGO_SETTINGS_MODULE": "settings_shared", "SITE_USER": login]
            expect(try await run(debian, "-m", "django", "migrate", "--database", "site", with: shared))
            expect(try await run(debian, "\(site)/use_shared.py", with: shared), ["as it should be"])
            #expect(
                try await world.number(
                    "SELECT count(*) FROM pg_class WHERE relname = 'shop_order' AND relnamespace = 'public'::regnamespace"
                ) == 0, "a company's table is not made beside")
        }
    }
}
