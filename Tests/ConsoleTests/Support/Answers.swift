import Tenancy

@testable import Console

/// Answers of screens, by the names that tests know them by.
extension ControlAnswer {
    static func companiesLoaded(
        _ request: RequestID, _ place: PageRequest<String>.Place,
        _ result: Result<Page<Company>, TenancyError>
    ) -> ControlAnswer { .companies(.loaded(request, place, result)) }

    static func companiesCounted(search: String, _ count: Int) -> ControlAnswer {
        .companies(.counted(search: search, count))
    }

    static func contextsLoaded(
        _ request: RequestID, _ result: Result<[ContextRecord], TenancyError>
    ) -> ControlAnswer { .screen(ContextsScreen.Answer.loaded(request, result)) }

    static func operatorsLoaded(
        _ request: RequestID, _ result: Result<[Operator], TenancyError>
    ) -> ControlAnswer { .screen(OperatorsScreen.Answer.loaded(request, result)) }

    static func controlTrailLoaded(
        _ request: RequestID, _ place: PageRequest<Int64>.Place,
        _ result: Result<Page<AuditRecord>, TenancyError>
    ) -> ControlAnswer { .screen(ControlTrailScreen.Answer.loaded(request, place, result)) }

    static func migrationsLoaded(
        _ request: RequestID, _ place: PageRequest<String>.Place,
        _ result: Result<Page<CompanyMigration>, TenancyError>
    ) -> ControlAnswer { .screen(MigrationsScreen.Answer.loaded(request, place, result)) }

    static func fleetLoaded(
        _ request: RequestID, _ result: Result<[FleetShare], TenancyError>
    ) -> ControlAnswer { .screen(MigrationsScreen.Answer.fleet(request, result)) }

    static func proofAdvanced(_ request: RequestID, _ stage: Proof.Stage) -> ControlAnswer {
        .screen(ProofScreen.Answer.advanced(request, stage))
    }

    static func proofMade(
        _ request: RequestID, _ result: Result<ProofOutcome, TenancyError>
    ) -> ControlAnswer { .screen(ProofScreen.Answer.made(request, result)) }
}

extension TenantAnswer {
    static func usersLoaded(
        _ request: RequestID, _ place: PageRequest<Keyset>.Place, _ result: Result<Page<User>, TenancyError>
    ) -> TenantAnswer { .screen(UsersScreen.Answer.loaded(request, place, result)) }

    static func usersCounted(_ count: Count) -> TenantAnswer { .screen(UsersScreen.Answer.counted(count)) }

    static func journeysLoaded(
        _ request: RequestID, _ place: PageRequest<Keyset>.Place,
        _ result: Result<Page<Journey>, TenancyError>
    ) -> TenantAnswer { .screen(JourneysScreen.Answer.loaded(request, place, result)) }

    static func overviewLoaded(
        _ request: RequestID, _ result: Result<Overview, TenancyError>
    ) -> TenantAnswer { .screen(OverviewScreen.Answer.loaded(request, result)) }

    static func userLoaded(
        _ request: RequestID, _ result: Result<UserDetail?, TenancyError>
    ) -> TenantAnswer { .screen(UserScreen.Answer.loaded(request, result)) }

    static func journeyLoaded(
        _ request: RequestID, _ result: Result<JourneyDetail?, TenancyError>
    ) -> TenantAnswer { .screen(JourneyScreen.Answer.loaded(request, result)) }

    static func auditLoaded(
        _ request: RequestID, _ result: Result<[AuditRecord], TenancyError>
    ) -> TenantAnswer { .screen(TrailScreen.Answer.newest(request, result)) }

    static func trailLoaded(
        _ request: RequestID, _ place: PageRequest<Int64>.Place,
        _ result: Result<Page<AuditRecord>, TenancyError>
    ) -> TenantAnswer { .screen(TrailScreen.Answer.loaded(request, place, result)) }

    static func valuesLoaded(_ record: Int64, _ result: Result<String?, TenancyError>) -> TenantAnswer {
        .screen(TrailScreen.Answer.values(record, result))
    }

    static var auditUnwatched: TenantAnswer { .screen(TrailScreen.Answer.unwatched) }

    static func tablesLoaded(
        _ request: RequestID, _ result: Result<[TenantTable], TenancyError>
    ) -> TenantAnswer { .screen(TablesScreen.Answer.loaded(request, result)) }

    static func rowsLoaded(
        _ request: RequestID, _ place: PageRequest<RowPlace>.Place,
        _ result: Result<Page<TableRow>, TenancyError>
    ) -> TenantAnswer { .screen(RowsScreen.Answer.loaded(request, place, result)) }

    static func rowLoaded(
        _ request: RequestID, _ result: Result<TableRow?, TenancyError>
    ) -> TenantAnswer { .screen(RowScreen.Answer.loaded(request, result)) }
}
