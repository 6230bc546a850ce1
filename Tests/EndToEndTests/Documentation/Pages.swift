import Foundation
import Testing

/// The pages of the documentation, as they are in the source tree.
enum Pages {
    /// The package's folder.
    static let package = #filePath.components(separatedBy: "/Tests/")[0]

    private static var catalog: String { package + "/Sources/Tenancy/Tenancy.docc" }

    /// Every page, by its name.
    static func all() throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: catalog).filter {
            $0.hasSuffix(".md")
        }
        return Dictionary(
            uniqueKeysWithValues: try names.map { (String($0.dropLast(3)), try page(String($0.dropLast(3)))) }
        )
    }

    /// One page's text.
    static func page(_ name: String) throws -> String {
        try String(contentsOfFile: "\(catalog)/\(name).md", encoding: .utf8)
    }

    /// The code of a page in one language, block after block.
    static func code(_ language: String, in page: String) -> [String] {
        page.matches(of: /```([a-z]+)\n((?:.|\n)*?)```/).filter { $0.output.1 == language }.map {
            String($0.output.2)
        }
    }
}
