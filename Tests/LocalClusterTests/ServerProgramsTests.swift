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

    @Test func theNewestOfSeveralIsTaken() throws {
        let real = try ServerPrograms.find()
        let root = "/tmp/piste-test-releases-\(getpid())"
        try #require(mkdir(root, 0o700) == 0)
        defer { try? Files.remove(root) }
        // Programs that only say which version they are; a script would be taken for a wrapper.
        var folders: [String] = []
        for version in ["15.18", "18.6", "17.12", "19.1"] {
            let folder = "\(root)/\(version)"
            mkdir(folder, 0o700)
            let code = "\(root)/\(version).c"
            let file = fopen(code, "w")
            fputs(
                "#include <stdio.h>\nint main(void) { puts(\"postgres (PostgreSQL) \(version)\"); return 0; }\n",
                file)
            fclose(file)
            let made = try ChildProcess.run(["/usr/bin/env", "cc", "-o", folder + "/postgres", code])
            guard made.isSuccess else {
                print("the choice among releases is left out: there is no C compiler")
                return
            }
            symlink(real.initdb, folder + "/initdb")
            symlink(real.pgCtl, folder + "/pg_ctl")
            folders.append(folder)
        }
        #expect(try ServerPrograms.find(in: folders).version == "18.6")
        #expect(try ServerPrograms.find(major: 17, in: folders).version == "17.12")
        #expect(
            try ServerPrograms.find(in: [folders[3]]).version == "19.1",
            "one that is too new is better than none")
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
