/// What a user can ask for with a key or from the palette.
enum Command: String, CaseIterable, Sendable {
    case open, back, quit
    case down, up, pageDown, pageUp, halfPageDown, halfPageUp, first, last
    case filter, sort, reverseSort, refresh, pause
    case scrollLeft, scrollRight
    case nextTab, previousTab, overview, users, journeys, tables, audit
    case frequency, pointers
    case historyBack, historyForward
    case lastCompany, companies, contexts
    case nextCompany, previousCompany, openCompany, closeCompany
    case impersonate, extendImpersonation, endImpersonation, freshToken, tokenCard
    case edit, copy
    case mark, export, columns
    case auditPane, auditFull
    case palette, help, themes
    case endContext
    case requests, approve, deny, withdraw
    case createCompany, administer, operators, addOperator, removeOperator, controlTrail, prove
    case migrations, adminMenu
    case redraw, suspend
    // What lies over a screen.
    case choose, close, yes
    case nextField, previousField, complete, switchFormat, keepFilter
    case showToken, narrower, wider, naturalWidth
}
