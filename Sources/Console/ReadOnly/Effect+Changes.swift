extension Effect {
    /// Whether the effect changes something that others see, besides the contexts and records that reading makes.
    ///
    /// Whoever adds an effect decides it here: a read-only console drops what changes something, wherever it came from.
    var changes: Bool {
        switch self {
        case .endContext, .decide, .withdraw, .administer, .prove, .setUserStatus, .changeStep:
            true
        // The server says whether what opens may change something; one that may is left at once.
        case .openContext: false
        case .link, .loadCompanies, .countCompanies, .suggestCompanies, .loadContexts, .loadCompany,
            .watchRequests, .loadRequests, .loadRequest, .loadOperators, .loadControlTrail, .cancelControl,
            .sweep, .cancelProof, .resume, .leave, .loadUsers, .countUsers, .loadJourneys, .loadOverview,
            .loadUser, .loadJourney, .loadAudit, .loadTrail, .loadValues, .watchAudit, .showToken, .cancel,
            .export,
            .cancelExport,
            .loadMigrations, .loadFleet, .loadActivity, .copy, .useTheme, .keepTables, .redraw, .suspend,
            .quit:
            false
        }
    }
}
