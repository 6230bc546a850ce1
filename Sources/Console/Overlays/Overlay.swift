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
    case record(RecordState)
    case form(EntryForm)
    /// One line of a proof.
    case evidence(EvidenceState)
    case columns(ColumnsState)
    case export(ExportForm)
    case value(ValueForm)
    case pick(PickState)
    case frequency(FrequencyState)
    /// The wait for an approval, which `ConsoleState.wait` describes.
    case waiting(WaitingState)

    /// What it is: everything that is done with an overlay is done by this.
    var layer: any OverlayLayer {
        switch self {
        case .help(let help): help
        case .palette(let palette): palette
        case .themes(let picker): picker
        case .impersonation(let form): form
        case .token(let card): card
        case .menu(let menu): menu
        case .confirm(let confirm): confirm
        case .record(let record): record
        case .form(let form): form
        case .evidence(let evidence): evidence
        case .columns(let columns): columns
        case .export(let form): form
        case .value(let form): form
        case .pick(let pick): pick
        case .frequency(let frequency): frequency
        case .waiting(let waiting): waiting
        }
    }
}
