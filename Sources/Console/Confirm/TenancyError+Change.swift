import Tenancy

extension TenancyError {
    /// The error of a change as a sentence, which begins with what became of the change where the error does not tell.
    var sentenceOfChange: String { fateOfChange.map { "\($0): \(sentence)" } ?? sentence }
}
