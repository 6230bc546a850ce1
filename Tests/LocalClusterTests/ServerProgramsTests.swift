import Glibc
import TestSupport
import Testing

@testable import LocalCluster

struct ServerProgramsTests {
    @Test func areFoundInOneFolder() throws {
        let programs = try ServerPrograms.find()
        #expect(programs.major >= 15)
        for program in [programs.postgres, programs.initdb, programs.pgCtl] {
            #expect(access(program, X_OK) == 0)
        }
    }

    @Test func aMissingServerIsSaidInOneSentence() {
        let error = #expect(throws: LocalClusterError.self) { try ServerPrograms.find(in: ["/nowhere"]) }
        #expect(error?.code == .serverMissing)
        #expect(
            error?.message.hasPrefix("no PostgreSQL server, version 15 or newer, is installed; install one")
                == true)
        #expect(error?.message.contains("apt-get install postgresql") == true)
    }

    @Test func dataOfAnotherVersionNameTheServerThatIsMissing() {
        let error = #expect(throws: LocalClusterError.self) { try ServerPrograms.find(major: 99) }
        #expect(error?.code == .serverMissing)
        #expect(error?.message.contains("made by PostgreSQL 99") == true)
        #expect(error?.message.contains("found only") == true)
    }

    @Test func wrappersAndIncompleteFoldersAreNotTaken() throws {
        let folder = "/tmp/piste-test-programs-\(getpid())"
        try #require(mkdir(folder, 0o700) == 0)
        defer { try? Files.remove(folder) }
        let real = try ServerPrograms.find()
        symlink(real.postgres, folder + "/postgres")
        symlink(real.initdb, folder + "/initdb")
        #expect(ServerPrograms(in: folder) == nil)
        let script = folder + "/pg_ctl"
        let file = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0o700)
        write(file, "#!/bin/sh\n", 10)
        close(file)
        #expect(ServerPrograms(in: folder) == nil)
        unlink(script)
        symlink(real.pgCtl, script)
        #expect(ServerPrograms(in: folder) != nil)
    }
}
