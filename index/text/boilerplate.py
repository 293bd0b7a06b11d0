"""Which lines belong to the page and not to the article: buttons, credits, disclaimers, channel links.

A line is furniture only when the whole of it fits a pattern, so that prose which merely holds such a word
("Share prices rose.") stays. What is furniture is kept out of chunks, never out of the article.
"""

import re
from functools import lru_cache

# No line longer than this is furniture; the longest disclaimer seen has 500 characters.
LONGEST = 800

_BUTTON = (
    r"reward|comments?|repost|share|pinned|favou?rites?|like|follow(?:ing)?|bookmark|reply|replies|"
    r"subscribe|sign in|sign up|log ?in|read more|show more|load more|see more|view more|"
    r"view original|view all|view comments|retweet|copy link|add a comment|add comment|no comments(?: yet)?|"
    r"leave a (?:comment|reply)|post (?:a )?comment|advertisements?|sponsored(?: content)?|"
    r"listen to this article|back to top|skip to (?:main )?content|print this (?:page|article)|"
    r"share this(?: article| page| story| post)?|"
    r"most read|most popular|you may also like|related (?:articles|posts|stories|news)|recommended for you|"
    r"(?:previous|next) (?:article|post|story)"
)
_NETWORK = (
    r"facebook|twitter|x|linkedin|whatsapp|telegram|reddit|pinterest|tumblr|instagram|youtube|tiktok|weibo|wechat|"
    r"line|kakaotalk|kakaostory|naver|band|discord|threads|bluesky|mastodon|flipboard|pocket|"
    r"e-?mail|print|copy link|tweet|pin|share|like|save"
)
_SOCIAL_ADDRESS = (
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|twitter\.com|x\.com|facebook\.com|discord\.(?:gg|com)|"
    r"instagram\.com|youtube\.com|linkedin\.com|weibo\.com|medium\.com|reddit\.com|tiktok\.com)/\S*"
)

# (pattern that the whole line fits, whatever its case; why such a line says nothing of the article's own)
PATTERNS: tuple[tuple[str, str], ...] = (
    (r"[\W_]+", "no letter or digit: ornaments, rules, reference marks"),
    (rf"(?:{_BUTTON})(?: ?[(:]? ?\d[\d,.]{{0,8}}[km]?\)?)?", "a button, with its count"),
    (r"\d[\d,.]{0,8}[km]? (?:comments?|shares?|likes?|views?|replies|reposts?|retweets?)", "a counter"),
    (
        rf"(?:share(?: this)?(?: on| via| to)?:? )?(?:{_NETWORK})(?:(?: ?[|/·•] ?| )(?:{_NETWORK})){{1,12}}",
        "share buttons side by side",
    ),
    (rf"(?:share|follow(?: us)?|find us|join us) (?:on|via) (?:{_NETWORK})", "a share button"),
    (
        r"\[?(?:post|featured|cover|article|header|hero)?[- ]?(?:image|img|photo)[- ]?\d{0,3}\]?",
        "a picture's stand-in",
    ),
    (r"(?:click|tap) (?:here )?to (?:enlarge|zoom|expand|play|listen)(?: .{1,30})?", "a picture's button"),
    (
        r"[(\[] ?(?:file )?(?:photo|image|picture|graphic|source photo|credit|사진|写真)s?"
        r"(?: credit| courtesy)? ?(?:[:=/]|by\b|courtesy of\b) ?[^()\[\]]{1,80}[)\]]",
        "a picture's credit in brackets",
    ),
    (
        r"(?:(?:file )?photo|image|picture|graphic)s?(?: credits?| courtesy)?"
        r" ?(?:[:=/]|by\b) ?[\w&'./-]+(?:,? [\w&'./-]+){0,4}(?<![.!?])",
        "a picture's credit",
    ),
    (r"@\w{2,30}(?:[ ,|]+@\w{2,30}){0,9}", "handles"),
    (
        r"[^.!?:]{0,60}\b(?:telegram|twitter|discord|facebook|instagram|youtube|linkedin|weibo|wechat|reddit|x|"
        r"official account|newsletter|follow us|subscribe)\b[^.!?:]{0,30}: ?(?:https?://|www\.|@)\S+",
        "the publisher's channels",
    ),
    (rf"(?:[^.!?:]{{0,60}}: ?)?{_SOCIAL_ADDRESS}", "a channel's address"),
    (
        r"(?:welcome to )?(?:join|follow|subscribe to|like) (?:us|our|the (?:official|\w+ official))\b"
        r"[^.!?]{0,60}\b(?:community|channels?|groups?|newsletter|telegram|twitter|facebook|discord|youtube|"
        r"linkedin|news)[:.!]?",
        "an invitation to the publisher's channels",
    ),
    (
        r"(?:click|tap)(?: here)? to (?:learn|read|subscribe|join|view|see|download|share|sign up|find out|"
        r"get|visit)\b[^.!?:]{0,80}",
        "a call to click",
    ),
    (r"(?:e-?mail|contact|tips?)(?: us)?(?: at)? ?:? ?[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "an office address"),
    (r"(?:- ?\d{1,4} ?-|page \d{1,4}(?: of \d{1,4})?)", "a page number"),
    (r"(?:©|ⓒ|copyright ?(?:©|ⓒ|\(c\)|\d{4}|by\b)).{1,200}", "a copyright line"),
    (
        r"(?:[^.!?]{0,120}[.,] ?)?all rights reserved\.?(?: .{0,160}(?:prohibited|permission)\.?)?",
        "a copyright line",
    ),
    (
        r"(?:any )?(?:unauthori[sz]ed (?:copying|reproduction|use|distribution)|"
        r"(?:copying|reproduction|reprinting|redistribution)(?=.*(?:strictly|permission|consent|redistribution)))[^.]{0,160}"
        r"\b(?:prohibited|forbidden|not permitted)\.?",
        "a ban on copying",
    ),
    (
        r"this (?:page|article|site|website|content|bulletin|post|material|information|report) "
        r"(?:may contain third[- ]party content|is (?:compiled and )?(?:reposted|reprinted|reproduced) from"
        r"|(?:is|are) (?:provided )?for (?:general )?information(?:al)? purposes only"
        r"|(?:does|should) not (?:constitute|be (?:construed|considered|taken) as) (?:an? )?(?:\w+ ){0,2}"
        r"(?:advice|endorsement|recommendation|offer)).*",
        "a disclaimer",
    ),
    (r"disclaimer(?: ?:.*)?", "a disclaimer"),
    (
        r"(?:we|this (?:site|website|page))(?: and our partners)? uses? cookies\b"
        r"(?=.*\b(?:you agree|your (?:experience|consent|browser)|our (?:site|website)|this (?:site|website)"
        r"|privacy policy|cookie policy)\b).*",
        "a cookie prompt",
    ),
    (
        r"(?:accept|reject|allow|manage|deny)(?: all| only necessary)? cookies?"
        r"|(?:manage )?cookie (?:settings|preferences|policy|notice)|privacy policy|terms of (?:use|service)",
        "a cookie button",
    ),
    (
        r"by (?:continuing|clicking|signing up|subscribing|using this site)\b.{0,120}"
        r"\b(?:cookies|terms(?: of \w+)?|privacy policy)\b.{0,120}",
        "a consent prompt",
    ),
    (
        r"(?:please )?(?:sign up|subscribe|register)(?: now| here| today)? (?:for|to) (?:our|the|your)\b"
        r"[^.!?]{0,60}\b(?:newsletters?|alerts|mailing list|inbox)\b[^.!?]{0,40}[.!]?"
        r"|(?:get|receive) (?:the|our|all)\b[^.!?]{0,80}\b(?:in|to) your inbox[^.!?]{0,30}[.!]?"
        r"|enter your e-?mail(?: address)?(?: here| below)?[.:]?",
        "a newsletter prompt",
    ),
)


@lru_cache(maxsize=1)
def _furniture() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern, _ in PATTERNS), re.IGNORECASE)


_BULLET = re.compile(r"[·•‣◦▪*-] +")


def is_furniture(line: str) -> bool:
    """Whether a line, trimmed and without line breaks, is page furniture, with a bullet before it or not."""
    if len(line) > LONGEST:
        return False
    bullet = _BULLET.match(line)
    return (
        _furniture().fullmatch(line, bullet.end() if bullet and bullet.end() < len(line) else 0) is not None
    )
