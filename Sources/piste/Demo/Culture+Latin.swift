extension Culture {
    static let english = Culture(
        ["en-US", "en-GB", "en-IE", "en-AU"],
        given: """
            Grace, Olivia, Hazel, Imogen, Ruby, Phoebe, Nora, Violet, Maisie, Joan, Oscar, Henry, Felix, Leo, Theo, \
            Miles, Rufus, Walter, Hugh, Dean, Ellis, Quinn, Rowan, Morgan, Robin, Sean, Patrick, Zoe, Iris, June
            """,
        family: """
            Hughes, Carter, Bennett, Fletcher, Holloway, Whitfield, Marsh, Doyle, Sutton, Barlow, Fenwick, Ashby, \
            Thorne, Kerr, Lindqvist, Okafor, Mensah, Osei, Singh, Khan, Murphy, O'Neill, D'Souza, Hopkins, Reed
            """)

    static let german = Culture(
        ["de-DE", "de-CH", "de-AT"],
        given: """
            Jürgen juergen, Käthe kaethe, Sören soeren, Björn bjoern, Lena, Moritz, Anke, Uwe, Heike, Jonas, Mia, \
            Emil, Greta, Friedrich, Annegret, Till, Wiebke, Lukas, Zoë zoe, Günther guenther
            """,
        family: """
            Müller mueller, Weiß weiss, Schäfer schaefer, Böhm boehm, Großmann grossmann, Vogel, Krüger krueger, \
            Lang, Huber, Brändli braendli, Zürcher zuercher, Kühn kuehn, Fuchs, Winkler, Jäger jaeger, Roth
            """)

    static let french = Culture(
        ["fr-FR", "fr-CA", "fr-CH"],
        given: """
            Élodie elodie, Chloé chloe, Zoé zoe, François francois, Noël noel, Anaïs anais, Loïc loic, Inès ines, \
            Hélène helene, Jérôme jerome, Camille, Lucie, Hugo, Manon, Théo theo, Agnès agnes, Gaëlle gaelle
            """,
        family: """
            Lefèvre lefevre, Dubois, Moreau, Garçon garcon, Béranger beranger, Faÿ fay, Châtelet chatelet, Roux, \
            Fournier, Lacroix, Gauthier, Perrin, Brûlé brule, Mercier, Blanchet, Tremblay, Côté cote
            """)

    static let spanish = Culture(
        ["es-ES", "es-MX", "pt-BR", "es-AR"],
        given: """
            Íñigo inigo, Begoña begona, José jose, María maria, Lucía lucia, Andrés andres, Sofía sofia, Raúl raul, \
            João joao, Conceição conceicao, Inês ines, Nuño nuno, Mónica monica, Óscar oscar, Belén belen, Pilar
            """,
        family: """
            Núñez nunez, García garcia, Muñoz munoz, Ibáñez ibanez, Peña pena, Araújo araujo, Gonçalves goncalves, \
            López lopez, Vidal, Ramos, Ortega, Serrano, Magalhães magalhaes, Quiñones quinones, Fuentes, Rey
            """)

    static let nordic = Culture(
        ["sv-SE", "nb-NO", "da-DK", "is-IS", "fi-FI"],
        given: """
            Åsa asa, Øyvind oeyvind, Søren soeren, Þórdís thordis, Æsa aesa, Bjørn bjoern, Frøydis froydis, Eero, \
            Päivi paivi, Göran goran, Sigríður sigridur, Lars, Ingrid, Mikkel, Aino, Väinö vaino, Ebba, Knut
            """,
        family: """
            Öberg oberg, Sjöström sjostrom, Ødegård odegard, Kjær kjaer, Sørensen sorensen, Guðmundsdóttir \
            gudmundsdottir, Mäkelä makela, Hämäläinen hamalainen, Dahl, Lund, Åkesson akesson, Hansen, Nilsen, Virtanen
            """)

    static let polish = Culture(
        ["pl-PL", "cs-CZ", "hu-HU", "tr-TR"],
        given: """
            Łucja lucja, Żaneta zaneta, Świętosława swietoslawa, Šárka sarka, Jiří jiri, Ágnes agnes, Gülşen gulsen, \
            İbrahim ibrahim, Çağla cagla, Zbigniew, Grzegorz, Bożena bozena, Ždenka zdenka, Őrs ors, Wojciech
            """,
        family: """
            Wójcik wojcik, Kowalczyk, Szczęsny szczesny, Brzęczyszczykiewicz brzeczyszczykiewicz, Dvořák dvorak, \
            Černý cerny, Szőke szoke, Yılmaz yilmaz, Öztürk ozturk, Şahin sahin, Nagy, Zieliński zielinski, Řezníček reznicek
            """)

    static let vietnamese = Culture(
        ["vi-VN"],
        given: """
            Thùy thuy, Đức duc, Hương huong, Quỳnh quynh, Ngọc ngoc, Tuấn tuan, Phượng phuong, Bảo bao, Hiếu hieu, \
            Mỹ my, Lệ le, Trường truong
            """,
        family: "Nguyễn nguyen, Trần tran, Lê le, Phạm pham, Huỳnh huynh, Đặng dang, Võ vo, Bùi bui, Đỗ do",
        familyFirst: true)
}
