import Tenancy
import Terminal

/// What lies over a screen and takes the keys.
enum Overlay: Equatable, Sendable {
    case help(HelpState)
    case palette(PaletteState)
    case themes(ThemePickerState)
    case impersonation(ImpersonationForm)
    case token(TokenCardState)
    case menu(MenuState)
    case confirm(ConfirmState)
    case record(AuditRecord, top: Int)
    case form(EntryForm)
    /// One line of a proof.
    case evidence(ProofReport.Line, top: Int)
    case columns(ColumnsState)
    case export(ExportForm)
    case pick(PickState)
    case frequency(FrequencyState)
    /// The wait for an approval, which `ConsoleState.wait` describes.
    case waiting

    /// Whether nothing is typed or chosen in it.
    var isForReading: Bool {
        switch self {
        case .help, .record, .evidence, .token, .frequency: true
        case .palette, .themes, .impersonation, .menu, .confirm, .form, .columns, .export, .pick, .waiting:
            false
        }
    }
}
