/// What a piece of the screen means; a theme says how each role looks.
package enum Role: String, CaseIterable, Sendable {
    case background = "bg"
    case text = "fg"
    case muted
    case border
    case borderFocus = "border.focus"
    case title
    case accent
    case selection
    case header
    case key
    case ok
    case warn
    case error
    case countdownOk = "countdown.ok"
    case countdownWarn = "countdown.warn"
    case countdownCritical = "countdown.critical"
    case impersonation
    case chart1 = "chart.1"
    case chart2 = "chart.2"
    case chart3 = "chart.3"
    case chart4 = "chart.4"
}
