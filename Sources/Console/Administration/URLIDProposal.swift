/// A url id made from a company's name: what a person would type, where the name's script allows it.
enum URLIDProposal {
    private static let longest = 63

    private static let spelled: [Character: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "à": "a",
        "á": "a", "â": "a", "ã": "a", "ç": "c", "č": "c", "ć": "c", "è": "e", "é": "e", "ê": "e", "ë": "e",
        "ě": "e", "ì": "i", "í": "i", "î": "i", "ï": "i", "ı": "i", "ł": "l", "ñ": "n", "ń": "n", "ò": "o",
        "ó": "o", "ô": "o", "õ": "o", "ř": "r", "š": "s", "ś": "s", "ş": "s", "ù": "u", "ú": "u", "û": "u",
        "ů": "u", "ý": "y", "ž": "z", "ź": "z", "ż": "z", "ğ": "g", "đ": "d", "ð": "d", "þ": "th",
    ]

    /// Letters, digits and single hyphens, a letter first; empty when the name gives too little.
    static func make(from name: String) -> String {
        var made = ""
        for character in name.lowercased() {
            if let spelling = spelled[character] {
                made += spelling
            } else if character.isASCII, character.isLetter || character.isNumber {
                made.append(character)
            } else if character != "'", character != "’", !made.isEmpty, made.last != "-" {
                made.append("-")
            }
        }
        if made.first?.isNumber == true { made = "co-" + made }
        made = String(made.prefix(longest))
        while made.last == "-" { made.removeLast() }
        return made.count < 2 ? "" : made
    }
}
