"""The names of keyboards that some release has: keymaps of the console, and layouts of X.

Facts: data/keymaps of kbd 2.6 (RPM distributions), console-data 1.12 (Debian), and rules/base.lst
of xkeyboard-config 2.35. kbd makes keymaps of X's layouts, too, called layout or layout-variant.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_OF_CONSOLES = """
    3l ANSI-dvorak adnw ar azerty bashkir be-latin1 be2-latin1 bg bg-cp1251 bg-cp855
    bg_bds-cp1251 bg_bds-utf8 bg_pho-cp1251 bg_pho-utf8 bone br-abnt br-abnt2 br-latin1
    br-latin1-abnt2 br-latin1-us by by-cp1251 bywin-cp1251 ca ca-multi carpalx carpalx-full cf
    croat cz cz-cp1250 cz-lat2 cz-lat2-prog cz-us-qwerty cz-us-qwertz de de-latin1
    de-latin1-nodeadkeys de-mobii de_CH-latin1 de_alt_UTF-8 defkeymap defkeymap_V1.0 dk
    dk-latin1 dvorak dvorak-ca-fr dvorak-classic dvorak-de dvorak-es dvorak-fr dvorak-fr-bepo
    dvorak-fr-bepo-utf8 dvorak-l dvorak-la dvorak-lisp dvorak-no dvorak-programmer dvorak-r
    dvorak-ru dvorak-sv-a1 dvorak-sv-a5 dvorak-uk dvorak-ukp en en-latin9 es es-cp850 et
    et-nodeadkeys fa fi fi-latin1 fr fr-afnor fr-bepo fr-bepo-latin9 fr-latin0 fr-latin1
    fr-latin9 fr-pc fr-x11 fr_CH fr_CH-latin1 ge gr gr-pc gr-utf8 hcesar hebrew hu hu101 ie il
    il-heb il-phonetic is-latin1 is-latin1-us it it-ibm it2 jp106 kazakh kg kk koy
    ky_alt_sh-UTF-8 kyrgyz la-latin1 lisp-us lk201-us lt lt.baltic lt.l4 lv lv-latin4 lv-latin7
    lv-tilde mac-no mac-usb-be mac-usb-de-latin1 mac-usb-de-latin1-nodeadkeys mac-usb-de_CH
    mac-usb-dk-latin1 mac-usb-dvorak mac-usb-es mac-usb-euro mac-usb-fi-latin1 mac-usb-fr
    mac-usb-fr_CH-latin1 mac-usb-it mac-usb-pt-latin1 mac-usb-se mac-usb-uk mac-usb-us mk
    mk-cp1251 mk-utf mk0 mod-dh-ansi-us mod-dh-ansi-us-awing mod-dh-ansi-us-fatz
    mod-dh-ansi-us-fatz-wide mod-dh-ansi-us-wide mod-dh-iso-uk mod-dh-iso-uk-wide mod-dh-iso-us
    mod-dh-iso-us-wide mod-dh-matrix-us neo neoqwertz nl nl2 no no-latin1 no-standard
    pc-dvorak-latin1 pc110 pl pl-qwertz pl1 pl2 pl3 pl4 pt pt-latin1 pt-latin9 pt-old ro
    ro-academic ro-comma ro_std ro_win ru ru-cp1251 ru-ms ru-yawerty ru1 ru2 ru3 ru4 ru_win
    ruwin_alt-CP1251 ruwin_alt-KOI8-R ruwin_alt-UTF-8 ruwin_alt_sh-UTF-8 ruwin_cplk-CP1251
    ruwin_cplk-KOI8-R ruwin_cplk-UTF-8 ruwin_ct_sh-CP1251 ruwin_ct_sh-KOI8-R ruwin_ct_sh-UTF-8
    ruwin_ctrl-CP1251 ruwin_ctrl-KOI8-R ruwin_ctrl-UTF-8 se-fi-ir209 se-fi-lat6 se-ir209 se-lat6
    se-latin1 sg sg-latin1 sg-latin1-lk450 sg-mac sk-prog sk-prog-qwerty sk-prog-qwertz
    sk-qwerty sk-qwertz slovene sr sr-cy sr-latin sv-latin1 th-tis tj_alt-UTF8 tr_f-latin5
    tr_q-latin5 tralt trf trfu trq trqu ttwin_alt-UTF-8 ttwin_cplk-UTF-8 ttwin_ct_sh-UTF-8
    ttwin_ctrl-UTF-8 ua ua-cp1251 ua-utf ua-utf-ws ua-ws uaw uaw_uni uk us us-acentos
    us-intl.iso01 us-intl.iso15 us-latin1 us1 wangbe wangbe2 wo
"""
_OF_X = """
    af al am ara at au az ba bd be bg br brai bt bw by ca cd ch cm cn custom cz de dk dz ee epo
    es et fi fo fr gb ge gh gn gr hr hu id ie il in iq ir is it jp jv ke kg kh kr kz la latam lk
    lt lv ma mao md me mk ml mm mn mt mv my ng nl no np ph pk pl pt ro rs ru se si sk sn sy tg
    th tj tm tr tw tz ua us uz vn za
"""
_MADE = """
    af-fa-olpc af-ps af-ps-olpc af-uz af-uz-olpc al-plisi al-veqilharxhi am-eastern
    am-eastern-alt am-phonetic am-phonetic-alt am-western ara-azerty ara-azerty_digits
    ara-buckwalter ara-digits ara-mac ara-olpc ara-qwerty ara-qwerty_digits at-mac at-nodeadkeys
    az-cyrillic ba-alternatequotes ba-unicode ba-unicodeus ba-us bd-probhat be-iso-alternate
    be-nodeadkeys be-oss be-oss_latin9 be-wang bg-bas_phonetic bg-bekl bg-phonetic br-dvorak
    br-nativo br-nativo-epo br-nativo-us br-nodeadkeys br-thinkpad brai-left_hand
    brai-left_hand_invert brai-right_hand brai-right_hand_invert by-intl by-latin by-legacy
    by-ru ca-eng ca-fr-dvorak ca-fr-legacy ca-ike ca-multi ca-multi-2gr ca-multix ch-de_mac
    ch-de_nodeadkeys ch-fr ch-fr_mac ch-fr_nodeadkeys ch-legacy cm-azerty cm-dvorak cm-french
    cm-mmuock cm-qwerty cn-altgr-pinyin cn-mon_manchu_galik cn-mon_todo_galik cn-mon_trad
    cn-mon_trad_galik cn-mon_trad_manchu cn-mon_trad_todo cn-mon_trad_xibe cn-tib
    cn-tib_asciinum cn-ug cz-bksl cz-dvorak-ucw cz-qwerty cz-qwerty-mac cz-qwerty_bksl cz-rus
    cz-ucw de-T3 de-deadacute de-deadgraveacute de-deadtilde de-dsb de-dsb_qwertz de-dvorak
    de-e1 de-e2 de-mac de-mac_nodeadkeys de-neo de-nodeadkeys de-qwerty de-ro de-ro_nodeadkeys
    de-ru de-tr de-us dk-dvorak dk-mac dk-mac_nodeadkeys dk-nodeadkeys dk-winkeys dz-ar
    dz-azerty-deadkeys dz-ber dz-qwerty-gb-deadkeys dz-qwerty-us-deadkeys ee-dvorak
    ee-nodeadkeys ee-us epo-legacy es-ast es-cat es-deadtilde es-dvorak es-mac es-nodeadkeys
    es-winkeys fi-classic fi-mac fi-nodeadkeys fi-smi fi-winkeys fo-nodeadkeys fr-afnor
    fr-azerty fr-bepo fr-bepo_afnor fr-bepo_latin9 fr-bre fr-dvorak fr-geo fr-latin9
    fr-latin9_nodeadkeys fr-mac fr-nodeadkeys fr-oci fr-oss fr-oss_latin9 fr-oss_nodeadkeys
    fr-us gb-colemak gb-colemak_dh gb-dvorak gb-dvorakukp gb-extd gb-gla gb-intl gb-mac
    gb-mac_intl gb-pl ge-ergonomic ge-mess ge-os ge-ru gh-akan gh-avn gh-ewe gh-fula gh-ga
    gh-generic gh-gillbt gh-hausa gr-extended gr-nodeadkeys gr-polytonic gr-simple
    hr-alternatequotes hr-unicode hr-unicodeus hr-us hu-101_qwerty_comma_dead
    hu-101_qwerty_comma_nodead hu-101_qwerty_dot_dead hu-101_qwerty_dot_nodead
    hu-101_qwertz_comma_dead hu-101_qwertz_comma_nodead hu-101_qwertz_dot_dead
    hu-101_qwertz_dot_nodead hu-102_qwerty_comma_dead hu-102_qwerty_comma_nodead
    hu-102_qwerty_dot_dead hu-102_qwerty_dot_nodead hu-102_qwertz_comma_dead
    hu-102_qwertz_comma_nodead hu-102_qwertz_dot_dead hu-102_qwertz_dot_nodead hu-nodeadkeys
    hu-qwerty hu-standard id-phonetic id-phoneticx ie-CloGaelach ie-UnicodeExpert ie-ogam
    ie-ogam_is434 il-biblical il-lyx il-phonetic in-ben in-ben_baishakhi in-ben_bornona
    in-ben_gitanjali in-ben_inscript in-ben_probhat in-bolnagri in-eeyek in-eng in-guj in-guru
    in-hin-kagapa in-hin-wx in-iipa in-jhelum in-kan in-kan-kagapa in-mal in-mal_enhanced
    in-mal_lalitha in-mar-kagapa in-marathi in-olck in-ori in-ori-bolnagri in-ori-wx
    in-san-kagapa in-tam in-tam_tamilnet in-tam_tamilnet_TAB in-tam_tamilnet_TSCII
    in-tam_tamilnet_with_tam_nums in-tel in-tel-kagapa in-tel-sarala in-urd-phonetic
    in-urd-phonetic3 in-urd-winkeys iq-ku iq-ku_alt iq-ku_ara iq-ku_f ir-ku ir-ku_alt ir-ku_ara
    ir-ku_f ir-pes_keypad is-dvorak is-mac is-mac_legacy it-fur it-geo it-ibm it-intl it-mac
    it-nodeadkeys it-scn it-us it-winkeys jp-OADG109A jp-dvorak jp-kana jp-kana86 jp-mac ke-kik
    kg-phonetic kr-kr104 kz-ext kz-kazrus kz-latin kz-ruskaz la-stea latam-colemak
    latam-colemak-gaming latam-deadtilde latam-dvorak latam-nodeadkeys lk-tam_TAB lk-tam_unicode
    lk-us lt-ibm lt-lekp lt-lekpa lt-ratise lt-sgs lt-std lt-us lv-adapted lv-apostrophe
    lv-ergonomic lv-fkey lv-modern lv-tilde ma-french ma-rif ma-tifinagh ma-tifinagh-alt
    ma-tifinagh-alt-phonetic ma-tifinagh-extended ma-tifinagh-extended-phonetic
    ma-tifinagh-phonetic md-gag me-cyrillic me-cyrillicalternatequotes me-cyrillicyz
    me-latinalternatequotes me-latinunicode me-latinunicodeyz me-latinyz mk-nodeadkeys ml-fr-oss
    ml-us-intl ml-us-mac mm-mnw mm-mnw-a1 mm-shn mm-zawgyi mm-zgt mt-alt-gb mt-alt-us mt-us
    my-phonetic ng-hausa ng-igbo ng-yoruba nl-mac nl-std nl-us no-colemak no-dvorak no-mac
    no-mac_nodeadkeys no-nodeadkeys no-smi no-smi_nodeadkeys no-winkeys ph-capewell-dvorak
    ph-capewell-dvorak-bay ph-capewell-qwerf2k6 ph-capewell-qwerf2k6-bay ph-colemak
    ph-colemak-bay ph-dvorak ph-dvorak-bay ph-qwerty-bay pk-ara pk-snd pk-urd-crulp pk-urd-nla
    pl-csb pl-dvorak pl-dvorak_altquotes pl-dvorak_quotes pl-dvp pl-legacy pl-qwertz
    pl-ru_phonetic_dvorak pl-szl pt-mac pt-mac_nodeadkeys pt-nativo pt-nativo-epo pt-nativo-us
    pt-nodeadkeys ro-std ro-winkeys rs-alternatequotes rs-latin rs-latinalternatequotes
    rs-latinunicode rs-latinunicodeyz rs-latinyz rs-rue rs-yz ru-bak ru-chm ru-cv ru-cv_latin
    ru-dos ru-kom ru-legacy ru-mac ru-os_legacy ru-os_winkeys ru-phonetic ru-phonetic_YAZHERTY
    ru-phonetic_azerty ru-phonetic_dvorak ru-phonetic_fr ru-phonetic_winkeys ru-sah ru-srp ru-tt
    ru-typewriter ru-typewriter-legacy ru-udm ru-xal se-dvorak se-mac se-nodeadkeys se-rus
    se-rus_nodeadkeys se-smi se-svdvorak se-swl se-us se-us_dvorak si-alternatequotes si-us
    sk-bksl sk-qwerty sk-qwerty_bksl sy-ku sy-ku_alt sy-ku_f sy-syc sy-syc_phonetic th-pat
    th-tis tj-legacy tm-alt tr-alt tr-f tr-intl tr-ku tr-ku_alt tr-ku_f tr-ot tr-otf tr-otk
    tr-otkf tw-indigenous tw-saisiyat ua-crh ua-crh_alt ua-crh_f ua-homophonic ua-legacy
    ua-macOS ua-phonetic ua-rstu ua-rstu_ru ua-typewriter ua-winkeys us-alt-intl us-altgr-intl
    us-chr us-colemak us-colemak_dh us-colemak_dh_iso us-dvorak us-dvorak-alt-intl
    us-dvorak-classic us-dvorak-intl us-dvorak-l us-dvorak-mac us-dvorak-r us-dvp us-euro us-haw
    us-hbs us-intl us-mac us-norman us-olpc2 us-rus us-symbolic us-workman us-workman-intl
    uz-latin vn-fr vn-us
"""
LAYOUTS = frozenset(_OF_X.split())
KEYMAPS = LAYOUTS.union(_OF_CONSOLES.split(), _MADE.split())


def strange(keymap: str, layouts: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Of a console's *keymap* and X's *layouts*, such as `cz (qwerty)`, those that are not known,
    each with the known names that are most like it."""
    found = {}
    if keymap and keymap not in KEYMAPS:
        found[keymap] = tuple(get_close_matches(keymap, sorted(KEYMAPS)))
    for layout in layouts:
        name = re.split(r"[\s(]", layout.strip())[0]
        if name and name not in LAYOUTS:
            found[name] = tuple(get_close_matches(name, sorted(LAYOUTS)))
    return found
