import Terminal

@testable import Console

/// A frame as a picture: what a terminal with all its colours shows, as SVG.
struct Picture {
    let canvas: Canvas
    let theme: Theme

    private static let cell = (width: 8.4, height: 17.0)
    private static let margin = 10.0

    /// Cells side by side that look alike.
    private struct Run {
        var text: String
        var columns: Range<Int>
        var style: Style
    }

    var svg: String {
        let width = Double(canvas.size.columns) * Self.cell.width + 2 * Self.margin
        let height = Double(canvas.size.rows) * Self.cell.height + 2 * Self.margin
        let ground = color(theme.paints(.text, .direct).background)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(figure(width)) \(figure(height))\" "
                + "font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" xml:space=\"preserve\">",
            "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"\(ground)\"/>",
        ]
        for row in 0..<canvas.size.rows {
            for run in runs(in: row) { lines += elements(of: run, row, on: ground) }
        }
        return (lines + ["</svg>"]).joined(separator: "\n")
    }

    private func runs(in row: Int) -> [Run] {
        var runs: [Run] = []
        for column in 0..<canvas.size.columns {
            let cell = canvas[row, column]
            // The second half of a wide character belongs to the first.
            let text = cell.text
            if let last = runs.last, last.style == cell.style {
                runs[runs.count - 1].text += text
                runs[runs.count - 1].columns = last.columns.lowerBound..<column + 1
            } else {
                runs.append(Run(text: text, columns: column..<column + 1, style: cell.style))
            }
        }
        return runs
    }

    private func elements(of run: Run, _ row: Int, on ground: String) -> [String] {
        var (foreground, background) = theme.paints(run.style, .direct)
        let modifiers = run.style.modifiers.union(theme[run.style.role].modifiers)
        if modifiers.contains(.reverse) { swap(&foreground, &background) }
        let x = figure(Self.margin + Double(run.columns.lowerBound) * Self.cell.width)
        let width = figure(Double(run.columns.count) * Self.cell.width)
        let top = Self.margin + Double(row) * Self.cell.height
        var elements: [String] = []
        if color(background) != ground {
            elements.append(
                "<rect x=\"\(x)\" y=\"\(figure(top))\" width=\"\(width)\" height=\"\(figure(Self.cell.height))\" "
                    + "fill=\"\(color(background))\"/>")
        }
        guard run.text.contains(where: { $0 != " " }) else { return elements }
        let look =
            (modifiers.contains(.bold) ? " font-weight=\"bold\"" : "")
            + (modifiers.contains(.underline) ? " text-decoration=\"underline\"" : "")
            + (modifiers.contains(.dim) ? " opacity=\"0.7\"" : "")
        elements.append(
            "<text x=\"\(x)\" y=\"\(figure(top + 13))\" textLength=\"\(width)\" fill=\"\(color(foreground))\"\(look)>"
                + escaped(run.text) + "</text>")
        return elements
    }

    private func color(_ paint: Paint) -> String {
        guard let rgb = paint.rgb else { return "#000000" }
        let digits = String(rgb.value, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// With one digit behind the point, the same on every machine.
    private func figure(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }
}
