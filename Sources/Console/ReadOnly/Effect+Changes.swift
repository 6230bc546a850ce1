extension Effect {
    /// Whether the effect changes something that others see, besides the contexts and records that reading makes.
    ///
    /// Whoever adds a request decides it here: a read-only console drops what changes something, wherever it came from.
    var changes: Bool {
        switch self {
        case .control(let request): request.changes
        case .inside(_, let request): request.changes
        case .terminal: false
        }
    }
}

extension ControlRequest {
    var changes: Bool {
        switch self {
        case .endContexts, .decide, .withdraw, .administer, .prove: true
        case .link, .cancel, .loadCompanies, .countCompanies, .suggestCompanies, .loadCompany, .loadActivity,
            .loadContexts, .watchRequests, .loadRequests, .loadRequest, .loadOperators, .loadControlTrail,
            .loadMigrations, .loadFleet, .sweep, .cancelProof, .export, .cancelExport:
            false
        }
    }
}

extension TenantRequest {
    var changes: Bool {
        switch self {
        case .setUserStatus, .changeStep, .setValue: true
        // The server says whether what opens may change something; one that may is left at once.
        case .open: false
        case .resume, .leave, .cancel, .loadUsers, .countUsers, .loadJourneys, .loadOverview, .loadUser,
            .loadJourney, .loadAudit, .loadTrail, .loadValues, .watchAudit, .loadTables, .loadRows, .loadRow,
            .loadFrequency, .showToken, .export,
            .cancelExport:
            false
        }
    }
}
