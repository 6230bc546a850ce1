import Glibc
import Synchronization
import Tenancy

extension EffectRunner {
    /// The rows that one page of an export asks for, and the ids that one declaration names.
    private static let pageSize = 1000
    private static let idsAtOnce = 200

    /// Writes rows page by page, each declared before it is read, into a file that appears whole or not at all.
    func export(_ id: ContextID?, _ request: RequestID, _ export: Export) async {
        let end: ExportEnd
        do {
            end = .written(rows: try await write(export, id, request), file: export.file)
        } catch let error as TenancyError where error.code == .cancelled {
            end = .cancelled(file: export.file)
        } catch let error as TenancyError {
            end = .failed(error.sentence, file: export.file)
            if let id, error.code == .unreachable || error.code == .contextEnded { lose(id) }
        } catch {
            end = .failed(String(describing: error) + ".", file: export.file)
        }
        forgetExport(request)
        mailbox.post(
            id.map { .inside($0, .exportEnded(request, end)) } ?? .control(.exportEnded(request, end)))
    }

    private func write(_ export: Export, _ id: ContextID?, _ request: RequestID) async throws -> Int {
        let file = try PartialFile(for: Self.path(export.file), overwriting: false)
        do {
            try begin(request, file)
            let written = try await fill(file, export, id, request)
            try requireWanted(request)
            try file.publish()
            return written
        } catch {
            file.discard()
            throw error
        }
    }

    private func fill(
        _ file: PartialFile, _ export: Export, _ id: ContextID?, _ request: RequestID
    ) async throws -> Int {
        if id == nil { try await declare(export.source) }
        var place = Place.start
        var written = 0
        var offset: Int64 = 0
        func put(_ text: String) throws {
            try file.write(text, at: offset)
            offset += Int64(text.utf8.count)
        }
        var told = ContinuousClock.now
        while true {
            try requireWanted(request)
            let (rows, next) =
                if let id {
                    try await page(export.source, place, id)
                } else {
                    try await companies(export.source, place)
                }
            let lines = rows.lines(as: export.format, withHead: written == 0)
            switch export.format {
            case .csv: try put(lines.map { $0 + "\n" }.joined())
            case .json where lines.isEmpty: break
            case .json: try put((written == 0 ? "[\n  " : ",\n  ") + lines.joined(separator: ",\n  "))
            }
            written += rows.count
            if ContinuousClock.now - told > .milliseconds(200) {
                told = ContinuousClock.now
                mailbox.post(
                    id.map { .inside($0, .exportProgressed(request, rows: written)) }
                        ?? .control(.exportProgressed(request, rows: written)))
            }
            guard let next else { break }
            place = next
        }
        if export.format == .json { try put(written == 0 ? "[]\n" : "\n]\n") }
        return written
    }

    /// Where the next page begins: behind a row, or at so many ids.
    private enum Place: Sendable {
        case start
        case after(Keyset)
        case afterCompany(String)
        case ids(from: Int)
        case afterRow(RowPlace)
    }

    private func page(
        _ source: Export.Source, _ place: Place, _ id: ContextID
    ) async throws(TenancyError) -> (ExportRows, Place?) {
        let request: PageRequest<Keyset>
        if case .after(let keyset) = place {
            request = PageRequest(.after(keyset), limit: Self.pageSize)
        } else {
            request = PageRequest(.start, limit: Self.pageSize)
        }
        switch source {
        case .users(let query):
            let page = try await inTurn(id) { session throws(TenancyError) in
                try await session.users(
                    matching: query.filter, sort: query.sort, ascending: query.ascending, request,
                    for: .export)
            }
            return (.users(page.rows), page.hasMore ? page.rows.last.map { .after($0.keyset) } : nil)
        case .journeys(let query):
            let page = try await inTurn(id) { session throws(TenancyError) in
                try await session.journeys(
                    matching: query.filter, sort: query.sort, ascending: query.ascending, request,
                    for: .export)
            }
            return (.journeys(page.rows), page.hasMore ? page.rows.last.map { .after($0.keyset) } : nil)
        case .markedUsers(let ids):
            let (some, next) = Self.slice(ids, place)
            let users = try await inTurn(id) { session throws(TenancyError) in
                try await session.exportedUsers(some)
            }
            return (.users(users), next)
        case .markedJourneys(let ids):
            let (some, next) = Self.slice(ids, place)
            let journeys = try await inTurn(id) { session throws(TenancyError) in
                try await session.exportedJourneys(some)
            }
            return (.journeys(journeys), next)
        case .rows(let query): return try await rows(query, place, id)
        case .markedRows(let table, let keys): return try await rows(of: table, keys, id)
        case .companies, .markedCompanies: return (.companies([]), nil)
        }
    }

    /// A page of a table's rows, with all of every value.
    private func rows(
        _ query: RowsQuery, _ place: Place, _ id: ContextID
    ) async throws(TenancyError) -> (ExportRows, Place?) {
        var start = PageRequest<RowPlace>.Place.start
        if case .afterRow(let row) = place { start = .after(row) }
        let request = PageRequest(start, limit: Self.pageSize)
        let page = try await inTurn(id) { session throws(TenancyError) in
            try await session.rows(
                of: query.table, matching: query.filter, sort: query.sort, ascending: query.ascending,
                longest: nil,
                request, for: .export)
        }
        let next = page.hasMore ? page.rows.last.map { Place.afterRow($0.place) } : nil
        return (.table(query.table, page.rows), next)
    }

    /// The marked rows, one after the other: each is a look that is declared.
    private func rows(
        of table: TenantTable, _ keys: [[String]], _ id: ContextID
    ) async throws(TenancyError) -> (ExportRows, Place?) {
        var found: [TableRow] = []
        for key in keys {
            let row = try await inTurn(id) { session throws(TenancyError) in
                try await session.row(of: table, key: key)
            }
            if let row { found.append(row) }
        }
        return (.table(table, found), nil)
    }

    /// Commits the record of an export of companies before the first of them is read for it.
    private func declare(_ source: Export.Source) async throws(TenancyError) {
        try await control { client throws(TenancyError) in
            switch source {
            case .companies(let query):
                try await client.declareCompaniesExport(matching: query.filter, marked: nil)
            case .markedCompanies(let urlIDs):
                try await client.declareCompaniesExport(matching: "", marked: urlIDs)
            case .users, .journeys, .markedUsers, .markedJourneys, .rows, .markedRows: break
            }
        }
    }

    private func companies(
        _ source: Export.Source, _ place: Place
    ) async throws(TenancyError) -> (ExportRows, Place?) {
        try await control { client throws(TenancyError) in
            switch source {
            case .companies(let query):
                var start = PageRequest<String>.Place.start
                if case .afterCompany(let urlID) = place { start = .after(urlID) }
                let page = try await client.companies(
                    matching: query.filter, sort: query.sort, ascending: query.ascending,
                    PageRequest(start, limit: Self.pageSize))
                let next = page.hasMore ? page.rows.last.map { Place.afterCompany($0.urlID) } : nil
                return (.companies(page.rows), next)
            case .markedCompanies(let urlIDs):
                var found: [Company] = []
                for urlID in urlIDs {
                    do throws(TenancyError) {
                        found.append(try await client.company(urlID))
                    } catch  where error.code == .notFound {
                        continue
                    }
                }
                return (.companies(found), nil)
            case .users, .journeys, .markedUsers, .markedJourneys, .rows, .markedRows:
                return (.companies([]), nil)
            }
        }
    }

    private func control<Value: Sendable>(
        _ body: (TenancyClient) async throws(TenancyError) -> Value
    ) async throws(TenancyError) -> Value {
        switch await controlled(body) {
        case .success(let value): return value
        case .failure(let error): throw error
        }
    }

    private static func slice(_ ids: [Int64], _ place: Place) -> ([Int64], Place?) {
        var first = 0
        if case .ids(let from) = place { first = from }
        let end = min(first + idsAtOnce, ids.count)
        return (Array(ids[first..<end]), end < ids.count ? .ids(from: end) : nil)
    }

    /// `~/` stands for the home folder, as in a shell.
    private static func path(_ name: String) -> String {
        guard name.hasPrefix("~/"), let home = getenv("HOME") else { return name }
        return String(cString: home) + name.dropFirst(1)
    }
}
