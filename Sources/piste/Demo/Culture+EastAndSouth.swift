extension Culture {
    static let russian = Culture(
        ["ru-RU", "uk-UA", "bg-BG", "sr-RS"],
        given: """
            Анастасия anastasia, Дмитрий dmitri, Ольга olga, Пётр pyotr, Юлия yulia, Фёдор fyodor, Наталья natalya, \
            Богдан bohdan, Їлона yilona, Ганна hanna, Живко zhivko, Снежана snezhana, Ђорђе djordje, Љубица ljubica
            """,
        family: """
            Иванова ivanova, Щербакова shcherbakova, Кузнецов kuznetsov, Соловьёв solovyov, Шевченко shevchenko, \
            Ґалаґан galagan, Коваленко kovalenko, Димитров dimitrov, Петровић petrovic, Ёлкин yolkin
            """)

    static let greek = Culture(
        ["el-GR", "el-CY"],
        given: """
            Ελένη eleni, Γιώργος giorgos, Δήμητρα dimitra, Νίκος nikos, Ιωάννα ioanna, Άγγελος angelos, Φωτεινή fotini, \
            Χρήστος christos, Αγγελική angeliki, Θεόδωρος theodoros
            """,
        family: """
            Παπαδόπουλος papadopoulos, Οικονόμου oikonomou, Βλάχος vlachos, Καραγιάννης karagiannis, Αλεξίου alexiou, \
            Σταματίου stamatiou, Ψαράς psaras, Ξένος xenos
            """)

    static let arabic = Culture(
        ["ar-EG", "ar-AE", "ar-MA", "fa-IR"],
        given: """
            محمد mohammed, فاطمة fatima, أحمد ahmed, ليلى layla, يوسف yusuf, مريم maryam, عمر omar, نور nour, \
            خديجة khadija, حسن hassan, زینب zeinab, پریسا parisa, عائشة aisha, كريم karim
            """,
        family: """
            الحسن alhasan, المصري almasri, الزهراء alzahra, بنعلي benali, القحطاني alqahtani, شاهین shahin, رضایی rezaei, \
            الشمري alshammari, حدّاد haddad
            """)

    static let hebrew = Culture(
        ["he-IL"],
        given: """
            נועה noa, איתן eitan, תמר tamar, יעל yael, דוד david, שירה shira, אורי ori, מיכל michal, רון ron, \
            אביגיל avigail
            """,
        family: """
            כהן cohen, לוי levi, מזרחי mizrahi, פרץ peretz, ביטון biton, שלום shalom, גולדברג goldberg, בן־דוד bendavid
            """)
}
