/// Adapters of other languages: one file each, with nothing but the driver below it.
///
/// They are the engine's own clients like any other: a ticket a unit of work, nothing kept between two of them.
package enum ClientAdapter: String, CaseIterable, Sendable {
    case python, django, sqlalchemy, node

    /// The name under which an application keeps it.
    package var fileName: String {
        switch self {
        case .python: "piste_psycopg.py"
        case .django: "piste_django.py"
        case .sqlalchemy: "piste_sqlalchemy.py"
        case .node: "piste_node.js"
        }
    }

    /// Its text.
    package var source: String {
        let bytes =
            switch self {
            case .python: PackageResources.piste_psycopg_py
            case .django: PackageResources.piste_django_py
            case .sqlalchemy: PackageResources.piste_sqlalchemy_py
            case .node: PackageResources.piste_node_js
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
