extension Culture {
    static let japanese = Culture(
        ["ja-JP"],
        given: """
            美咲 misaki, 翔太 shota, さくら sakura, 健一 kenichi, 陽菜 hina, 大輔 daisuke, 結衣 yui, 直樹 naoki, \
            ひかり hikari, 誠 makoto, 彩 aya, 蓮 ren, 葵 aoi, 拓海 takumi, 千尋 chihiro, ケン ken
            """,
        family: """
            田中 tanaka, 佐藤 sato, 鈴木 suzuki, 高橋 takahashi, 渡辺 watanabe, 伊藤 ito, 山本 yamamoto, 中村 nakamura, \
            小林 kobayashi, 斎藤 saito, 吉田 yoshida, 髙木 takagi, 﨑山 sakiyama
            """,
        familyFirst: true)

    static let chinese = Culture(
        ["zh-CN", "zh-TW", "zh-HK"],
        given: """
            伟 wei, 芳 fang, 秀英 xiuying, 敏 min, 静 jing, 丽 li, 强 qiang, 磊 lei, 洋 yang, 艳 yan, 勇 yong, 娟 juan, \
            子涵 zihan, 雨桐 yutong, 浩然 haoran, 欣怡 xinyi, 家豪 jiahao, 美玲 meiling
            """,
        family: """
            王 wang, 李 li, 张 zhang, 刘 liu, 陈 chen, 杨 yang, 黃 huang, 赵 zhao, 吳 wu, 周 zhou, 徐 xu, 孙 sun, \
            欧阳 ouyang, 司馬 sima, 𠮷 ji
            """,
        familyFirst: true, separator: "")

    static let korean = Culture(
        ["ko-KR"],
        given: """
            민준 minjun, 서연 seoyeon, 지우 jiwoo, 하은 haeun, 도윤 doyun, 예준 yejun, 수빈 subin, 지민 jimin, 현우 hyunwoo, \
            유진 yujin, 은지 eunji, 성민 sungmin
            """,
        family: "김 kim, 이 lee, 박 park, 최 choi, 정 jung, 강 kang, 조 cho, 윤 yoon, 장 jang, 임 lim, 남궁 namgung",
        familyFirst: true, separator: "")

    static let hindi = Culture(
        ["hi-IN", "mr-IN", "ne-NP"],
        given: """
            आरव aarav, प्रिया priya, विवान vivaan, अनन्या ananya, रोहन rohan, ऋषि rishi, श्रेया shreya, कृष्ण krishna, दीपिका \
            deepika, अर्जुन arjun, मीरा meera, ज्योति jyoti
            """,
        family: """
            शर्मा sharma, वर्मा verma, गुप्ता gupta, सिंह singh, पटेल patel, क्षत्रिय kshatriya, जोशी joshi, त्रिपाठी tripathi, \
            देशपांडे deshpande, नायर nair
            """)

    static let thai = Culture(
        ["th-TH"],
        given: """
            สมชาย somchai, สุดารัตน์ sudarat, น้ำฝน namfon, ปรีชา preecha, กัญญา kanya, วิชัย wichai, พิมพ์ phim, \
            ธนพล thanaphon
            """,
        family: "ใจดี chaidee, ศรีสุข srisuk, ทองคำ thongkham, รัตนกุล rattanakul, แสงจันทร์ saengchan, บุญมี bunmi")
}
