import Postgres

extension TenancyClient {
    /// Lists the companies that this operator may see, in the order of their names or of another column.
    ///
    /// What a search can be stands at `Filter`.
    public func companies(
        matching search: String = "", sort: Company.Sort = .name, ascending: Bool = true,
        _ page: PageRequest<String> = PageRequest()
    ) async throws(TenancyError) -> Page<Company> {
        let list = CompanyList(filter: try Filter(search), sort: sort, ascending: ascending)
        switch page.place {
        case .start: return try await read(list, after: nil, backward: false, page.limit)
        case .end: return try await read(list, after: nil, backward: true, page.limit)
        case .after(let urlID): return try await read(list, after: urlID, backward: false, page.limit)
        case .before(let urlID): return try await read(list, after: urlID, backward: true, page.limit)
        case .from(let urlID):
            do throws(TenancyError) {
                let before = try await read(list, after: urlID, backward: true, 1)
                return try await read(list, after: before.rows.last?.urlID, backward: false, page.limit)
            } catch  where error.code == .notFound {
                // The company that the page began with is gone: the list begins anew.
                return try await read(list, after: nil, backward: false, page.limit)
            }
        }
    }

    private struct CompanyList {
        var filter: Filter
        var sort: Company.Sort
        var ascending: Bool
    }

    private func read(
        _ list: CompanyList, after: String?, backward: Bool, _ limit: Int
    ) async throws(TenancyError) -> Page<Company> {
        let search = list.filter.search
        let rows = try await wire.rows(
            "SELECT * FROM piste.companies($1, $2, $3, $4, $5, $6, $7)",
            [
                search[0], Parameter(after), .int(Int64(limit + 1)), .bool(backward), search[1],
                .text(list.sort.rawValue), .bool(!list.ascending),
            ])
        let companies = try rows.read(Company.init(row:))
        return Page(rows: companies, limit: limit, backward: backward)
    }

    /// Counts the companies that match.
    public func companiesCount(matching search: String = "") async throws(TenancyError) -> Int {
        let rows = try await wire.rows("SELECT piste.companies_count($1, $2)", try Filter(search).search)
        return try rows.first?.read { row throws(PostgresError) in try row.int(0) } ?? 0
    }

    /// Commits the record that goes before a list of companies is written into a file: in the control trail, with what was
    /// asked for and how many companies that is.
    package func declareCompaniesExport(
        matching search: String, marked: [String]?
    ) async throws(TenancyError) {
        let list = marked.map { "{" + $0.map { "\"\($0)\"" }.joined(separator: ",") + "}" }
        try await wire.rows(
            "SELECT piste.declare_companies_export($1, $2, $3::text[])",
            try Filter(search).search + [Parameter(list)])
    }

    /// Reads one company.
    public func company(_ urlID: String) async throws(TenancyError) -> Company {
        guard let row = try await wire.rows("SELECT * FROM piste.company($1)", [.text(urlID)]).first else {
            throw TenancyError(.notFound, "There is no company with the url id “\(urlID)”.")
        }
        return try row.read(Company.init(row:))
    }

    /// Builds a company: schema, roles, tables, gate, keys and first audit record, in one transaction.
    public func createCompany(
        name: String, urlID: String, authProvider: String
    ) async throws(TenancyError) -> Company {
        _ = try await wire.answer(
            "SELECT refusal FROM piste.create_company($1, $2, $3)",
            [.text(name), .text(urlID), .text(authProvider)], deadline: Wire.patienceForRoles)
        do {
            return try await company(urlID)
        } catch {
            // It was created: whoever hears of this error must not take it that it was not.
            throw TenancyError(error.code, error.message, sqlState: error.sqlState, isOutcomeUnknown: true)
        }
    }

    /// Gives a company another display name.
    public func renameCompany(_ urlID: String, to name: String) async throws(TenancyError) {
        _ = try await wire.answer(
            "SELECT refusal FROM piste.rename_company($1, $2)", [.text(urlID), .text(name)])
    }

    /// Suspends a company; the contexts that are open in it end at once.
    ///
    /// - Returns: how many contexts ended.
    @discardableResult
    public func suspendCompany(_ urlID: String) async throws(TenancyError) -> Int {
        let row = try await wire.answer("SELECT * FROM piste.suspend_company($1)", [.text(urlID)])
        return try row.read { row throws(PostgresError) in try row.optionalInt("contexts_ended") ?? 0 }
    }

    /// Lets contexts be opened in a suspended company again.
    public func resumeCompany(_ urlID: String) async throws(TenancyError) {
        _ = try await wire.answer("SELECT refusal FROM piste.resume_company($1)", [.text(urlID)])
    }

    /// Deletes a company with everything it has; `confirmation` must be its url id once more.
    ///
    /// `archive` is the digest of an export that holds the rows as they are now, which the certificate names.
    @discardableResult
    public func deleteCompany(
        _ urlID: String, confirmation: String, archive: String? = nil
    ) async throws(TenancyError) -> DeletionCertificate {
        let row = try await wire.answer(
            "SELECT * FROM piste.delete_company($1, $2, $3)",
            [.text(urlID), .text(confirmation), Parameter(archive)], deadline: Wire.patienceForRoles)
        return DeletionCertificate(
            json: try row.read { row throws(PostgresError) in try row.string("certificate") })
    }

    /// Reads the certificates of the companies of this url id that were deleted, the last one first (admin).
    public func deletionCertificates(_ urlID: String) async throws(TenancyError) -> [DeletionCertificate] {
        let rows = try await wire.rows("SELECT * FROM piste.deletion_certificates($1)", [.text(urlID)])
        if let row = rows.first,
            let refusal = try row.read({ row throws(PostgresError) in try row.optionalString("refusal") })
        {
            throw TenancyError(.refused, refusal)
        }
        return try rows.read { row throws(PostgresError) in
            DeletionCertificate(json: try row.string("certificate"))
        }
    }
}

extension Company {
    init(row: Row) throws(PostgresError) {
        self.init(
            urlID: try row.string("url_id"), name: try row.string("name"),
            authProvider: try row.string("auth_provider"),
            status: Status(rawValue: try row.string("status")) ?? .suspended,
            estimatedUsers: try row.optionalInt("users_estimate"),
            policy: try CompanyPolicy(row: row),
            createdAt: try row.date("created_at"))
    }
}

extension Page {
    /// A page from one row more than was asked for, in the direction that was read.
    init(rows: [Row], limit: Int, backward: Bool) {
        let kept = Array(rows.prefix(limit))
        self.init(rows: backward ? kept.reversed() : kept, hasMore: rows.count > limit)
    }
}
