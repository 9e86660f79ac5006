"""Links to evidence: when two mean the same document, which nobody else can open, which addresses are public."""

from __future__ import annotations

import unicodedata
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.assessment.evidence_links import Unusable, WebAddress, has_local_path, read_address
from cchc_sheets.assessment.public_addresses import is_public

DOC = "https://drive.google.com/open?id=1AbC-dEf_GhIjKlMnOpQ"
ID = "1AbC-dEf_GhIjKlMnOpQ"

SAME = [
    (
        "https://xa.example.gov.vn/van-ban/12?id=5",
        [
            "HTTPS://XA.Example.gov.vn/van-ban/12?id=5",
            "http://xa.example.gov.vn/van-ban/12?id=5",
            "https://xa.example.gov.vn:443/van-ban/12?id=5",
            "http://xa.example.gov.vn:80/van-ban/12?id=5",
            "https://xa.example.gov.vn./van-ban/12?id=5",
            "https://xa.example.gov.vn/van-ban/12/?id=5",
            "https://xa.example.gov.vn/van-ban/12?id=5#trang-2",
            "https://xa.example.gov.vn/van-ban/12?id=5&utm_source=zalo&utm_medium=x",
            "https://xa.example.gov.vn/van-ban/12?fbclid=abc&id=5",
            "https://xa.example.gov.vn/van-ban/12?zarsrc=30&id=5",
            "https://xa.example.gov.vn/tin/../van-ban/./12?id=5",
            "https://xa.example.gov.vn/v%61n-ban/12?id=%35",
            "https://xa.example.gov.vn/van-ban/12;jsessionid=0A1B?id=5",
            "  https://xa.example.gov.vn/van-ban/12?id=5  ",
            "https://www.google.com/url?q=https://xa.example.gov.vn/van-ban/12?id%3D5&sa=D&source=editors",
            "https://docs.google.com/viewer?url=https%3A%2F%2Fxa.example.gov.vn%2Fvan-ban%2F12%3Fid%3D5&embedded=true",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fxa.example.gov.vn%2Fvan-ban%2F12%3Fid%3D5%26fbclid%3Dx&h=AT",
        ],
    ),
    (
        DOC,
        [
            f"https://docs.google.com/document/d/{ID}/edit",
            f"https://docs.google.com/document/d/{ID}/edit?usp=sharing&ouid=1#heading=h.1",
            f"https://docs.google.com/document/u/0/d/{ID}/mobilebasic",
            f"https://docs.google.com/a/example.gov.vn/document/d/{ID}/view",
            f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=12",
            f"https://docs.google.com/spreadsheets/d/{ID}",
            f"https://drive.google.com/file/d/{ID}/view?usp=drive_link",
            f"https://drive.google.com/open?id={ID}&authuser=0",
            f"https://drive.google.com/uc?export=download&id={ID}",
            f"https://drive.usercontent.google.com/download?id={ID}&export=download",
            f"https://drive.google.com/drive/folders/{ID}?usp=sharing",
            f"https://drive.google.com/drive/u/1/folders/{ID}",
            f"https://drive.google.com/folderview?id={ID}",
            f"http://drive.google.com/file/d/{ID}/preview",
            f"https://www.google.com/url?q=https://drive.google.com/file/d/{ID}/view&sa=D",
        ],
    ),
    (
        "https://xa.example.gov.vn/B%C3%A1o%20c%C3%A1o%20n%C4%83m.pdf?ten=k%E1%BA%BF%20ho%E1%BA%A1ch",
        [
            "https://xa.example.gov.vn/Báo cáo năm.pdf?ten=kế hoạch",
            unicodedata.normalize("NFD", "https://xa.example.gov.vn/Báo cáo năm.pdf?ten=kế hoạch"),
            "https://xa.example.gov.vn/B%c3%a1o%20c%c3%a1o%20n%c4%83m.pdf?ten=kế+hoạch",
        ],
    ),
    ("https://xn--ty-an-3qa.vn/a", ["https://tây-an.vn/a", "https://TÂY-AN.vn/a", "https://xn--ty-an-3qa.vn/a"]),
    (
        "https://xa.example.gov.vn/?b=2&a=1",
        ["https://xa.example.gov.vn?a=1&b=2", "https://xa.example.gov.vn/?a=1&&b=2"],
    ),
    ("https://xa.example.gov.vn/#/van-ban/12", ["http://xa.example.gov.vn/#/van-ban/12"]),
]

DIFFERENT = [
    ("https://xa.example.gov.vn/van-ban/12", "https://xa.example.gov.vn/van-ban/13"),
    ("https://xa.example.gov.vn/van-ban?id=1", "https://xa.example.gov.vn/van-ban?id=2"),
    ("https://xa.example.gov.vn/a", "https://xb.example.gov.vn/a"),
    ("https://xa.example.gov.vn/A", "https://xa.example.gov.vn/a"),
    ("https://xa.example.gov.vn:8080/a", "https://xa.example.gov.vn/a"),
    ("https://xa.example.gov.vn/#/van-ban/12", "https://xa.example.gov.vn/#/van-ban/13"),
    ("https://xa.example.gov.vn/a%2Fb", "https://xa.example.gov.vn/a/b"),
    ("https://xa.example.gov.vn/?q=a%2Bb", "https://xa.example.gov.vn/?q=a+b"),
    (f"https://drive.google.com/file/d/{ID}/view", f"https://drive.google.com/file/d/{ID.lower()}/view"),
]


def address(link: str) -> WebAddress:
    read = read_address(link)
    assert isinstance(read, WebAddress), (link, read)
    return read


@pytest.mark.parametrize(
    ("link", "form"), [(link, form) for link, forms in SAME for form in forms], ids=lambda value: str(value)[:70]
)
def test_every_form_of_a_link_means_the_same_document(link: str, form: str) -> None:
    assert address(form).identity == address(link).identity


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_links_to_different_documents_stay_different(one: str, other: str) -> None:
    assert address(one).identity != address(other).identity


@pytest.mark.parametrize(
    ("link", "flaw"),
    [
        (r"\\may-chu\chung\bao-cao.docx", "local_file"),
        (r"C:\Users\xa\bao-cao.docx", "local_file"),
        ("d:/tai-lieu/bc.pdf", "local_file"),
        ("file:///C:/Users/xa/bao-cao.docx", "local_file"),
        ("javascript:alert(1)", "not_web"),
        ("data:text/html,x", "not_web"),
        ("ftp://xa.example.gov.vn/a", "not_web"),
        ("mailto:a@example.gov.vn", "not_web"),
        ("xa.example.gov.vn/a", "not_web"),
        ("", "not_web"),
        ("https://ten:matkhau@xa.example.gov.vn/a", "credentials"),
        ("https://ten@xa.example.gov.vn/a", "credentials"),
        ("https://xa.example.gov.vn@127.0.0.1/", "credentials"),
        (r"https://xa.example.gov.vn\@127.0.0.1/", "credentials"),
        ("https://", "malformed"),
        ("https:///a", "malformed"),
        ("https://xa..example.gov.vn/", "malformed"),
        ("https://xa example.gov.vn/", "malformed"),
        ("https://xa.example.gov.vn:99999/", "malformed"),
        ("https://xa.example.gov.vn:port/", "malformed"),
        ("https://xa.example.gov.vn:0/", "malformed"),
        ("https://[::1/", "malformed"),
        ("https://[fe80::1%25eth0]/", "malformed"),
        ("https://%31%32%37.0.0.1/", "malformed"),
        (f"https://{'a' * 300}.vn/", "malformed"),
        # an address hidden in another way of writing numbers
        ("http://2130706433/", "malformed"),
        ("http://0x7f000001/", "malformed"),
        ("http://0177.0.0.1/", "malformed"),
        ("http://127.1/", "malformed"),
        ("http://0x7f.0.0.1/", "malformed"),
        ("http://999.1.1.1/", "malformed"),
    ],
)
def test_a_link_that_nobody_else_can_open_is_told_with_its_flaw(link: str, flaw: str) -> None:
    assert read_address(link) == Unusable(flaw)  # type: ignore[arg-type]  # the table holds plain text


@given(st.text() | st.text(alphabet="htps:/.@%2fx[]?#&=+;\\à").map(lambda text: f"https://xa.vn{text}"))
def test_no_link_whatever_is_too_odd_and_normalising_twice_is_once(link: str) -> None:
    once = read_address(link)
    if isinstance(once, WebAddress):
        assert address(once.identity).identity == once.identity
        again = address(once.url)
        assert again.is_internal == once.is_internal
        assert (again.scheme, again.host, again.port, again.target) == (once.scheme, once.host, once.port, once.target)
        assert once.url.isascii()


def test_a_link_wrapped_a_thousand_times_is_unwrapped_and_nothing_else() -> None:
    wrapped = "https://www.google.com/url?q=" * 1_000 + "https://xa.example.gov.vn/12"
    assert address(wrapped).identity == "https://xa.example.gov.vn/12"


@pytest.mark.parametrize("link", ["https://xa.example.gov.vn", "http://xa.example.gov.vn/", "https://xa.gov.vn/#top"])
def test_a_link_to_a_site_is_none_to_a_document(link: str) -> None:
    assert address(link).is_home_page


@pytest.mark.parametrize(
    "link", ["http://192.168.1.5/bc", "http://localhost/bc", "http://may-chu1/bc", "http://xa.local/"]
)
def test_a_link_into_an_inner_network_is_known_by_its_looks(link: str) -> None:
    assert address(link).is_internal
    assert not address("https://xa.example.gov.vn1/bc").is_internal


@pytest.mark.parametrize(
    ("caption", "told"),
    [
        (r"Báo cáo: \\may-chu\chung\bc.docx", True),
        (r"xem D:\cchc\bc.docx", True),
        ("file:///C:/bc.docx", True),
        ("Báo cáo https://xa.example.gov.vn/a:/b", False),
        (r"tỷ lệ 12\15", False),
        ("Mục A: /kế hoạch", False),
    ],
)
def test_a_caption_that_names_a_file_of_ones_own_is_noticed(caption: str, *, told: bool) -> None:
    assert has_local_path(caption) is told


PUBLIC = ["8.8.8.8", "113.160.0.1", "2001:4860:4860::8888", "2405:4800::1", "172.32.0.1", "100.128.0.1"]
NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - judged, not listened at
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("number", PUBLIC)
def test_an_address_of_the_internet_is_public(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize("number", NOT_PUBLIC)
def test_an_address_of_any_special_purpose_is_not_public(number: str) -> None:
    assert not is_public(ip_address(number))


@given(st.ip_addresses())
def test_what_python_calls_private_or_multicast_is_never_public(number: object) -> None:
    address = ip_address(str(number))
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert not is_public(address)
