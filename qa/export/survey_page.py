"""The page of a survey, as a template: light and dark, readable at any width, without a remote asset."""

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Who disagrees: {{ survey.articles }} articles</title>
<style>
:root { color-scheme: light dark; --ink: #1b1d21; --soft: #565c66; --line: #d5d9df; --page: #fff;
  --band: #f4f6f8; --mark: #fde3c3; --heat: #c4661f; --on: #fff; --link: #1f5fb0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --soft: #a7aeb8; --line: #3a4048; --page: #16181b; --band: #1f2226; --mark: #5a3d16;
    --heat: #e08a45; --on: #16181b; --link: #8ab8f5; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--page);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .6rem; overflow-wrap: anywhere; }
h4 { font-size: 1rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
a { color: var(--link); }
.soft { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
figure { margin: 0; }
svg { display: block; max-width: none; font: 11px system-ui, sans-serif; fill: currentColor; }
svg .grid { fill: var(--band); stroke: var(--page); }
svg .heat { fill: var(--heat); stroke: var(--page); }
svg .count { text-anchor: middle; fill: var(--ink); }
svg .strong { fill: var(--on); }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; margin: 0 0 1rem; }
.sides { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.side { border-top: 3px solid var(--line); padding-top: .5rem; min-width: 0; }
.value { font-weight: 600; margin: 0 0 .4rem; overflow-wrap: anywhere; }
blockquote { margin: 0 0 .2rem; overflow-wrap: anywhere; }
cite { font-style: normal; display: block; margin-bottom: .7rem; }
mark { background: var(--mark); color: inherit; border-radius: .15rem; }
.tag { border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .55rem; font-size: .8rem;
  font-weight: 400; white-space: nowrap; }
.tag.disagree { border-color: var(--ink); background: var(--ink); color: var(--page); font-weight: 600; }
.tag.may-disagree { border: 1px dashed var(--ink); font-weight: 600; }
</style>
</head>
<body>
<header>
<h1>Who disagrees</h1>
{% if narrowed %}<p class="soft">Only these: {{ narrowed }}.</p>{% endif %}
<p class="soft">{{ survey.articles }} articles.
{% if survey.check.status == "checked" %}
{% if points %}{{ compared }}. {{ limits }}{% endif %}
{% else %}Nothing was compared, because {{ survey.check.reason }}.{% endif %}
{% for tier, count in tiers %} {{ tier }}: {{ count }}.{% endfor %}
{% for kind, count in kinds %} {{ kind }}: {{ count }}{{ "," if not loop.last else "." }}{% endfor %}</p>
</header>
<main>
{% if points %}
<h2 id="sources">Source by source</h2>
<figure>
<div class="wide" tabindex="0" role="group" aria-label="The matrix, which scrolls">
<svg role="img" aria-labelledby="matrix-title matrix-text" width="{{ matrix.size }}"
height="{{ matrix.size }}" viewBox="0 0 {{ matrix.size }} {{ matrix.size }}">
<title id="matrix-title">How often each source disagrees with each other one</title>
<desc id="matrix-text">{{ matrix.summary }}</desc>
{% for name, short in matrix.names %}
<text x="{{ matrix.label - 8 }}" y="{{ matrix.label + loop.index0 * cell + 17 }}" text-anchor="end">{{ short
}}<title>{{ name }}</title></text>
<text transform="translate({{ matrix.label + loop.index0 * cell + 17 }} {{ matrix.label - 8 }})
rotate(-90)">{{ short }}<title>{{ name }}</title></text>
{% endfor %}
{% for one in matrix.cells %}
{% if one.count %}
<rect class="heat" x="{{ one.x }}" y="{{ one.y }}" width="{{ cell }}" height="{{ cell }}" fill-opacity="{{
one.strength }}"><title>{{ one.words }}</title></rect>
<text class="count{{ ' strong' if one.strength > 0.75 }}" x="{{ one.x + cell // 2 }}" y="{{ one.y + 17 }}">{{
one.count }}</text>
{% else %}
<rect class="grid" x="{{ one.x }}" y="{{ one.y }}" width="{{ cell }}" height="{{ cell }}"/>
{% endif %}
{% endfor %}
</svg>
</div>
<figcaption class="soft">{{ matrix.summary }}
{% if matrix.left_out %}{{ matrix.left_out }} more, with fewer disagreements, are not drawn.{% endif %}
</figcaption>
</figure>
<h2 id="points">Point by point</h2>
{% if shown < points %}
<p class="soft">The first {{ shown }} of {{ points }}; --json has all.</p>
{% endif %}
{% for event, some in events %}
{% if event %}<h3 class="event">{{ event }}</h3>{% endif %}
{% for point in some %}
<article id="point-{{ point.number }}" aria-labelledby="head-{{ point.number }}">
<h4 id="head-{{ point.number }}">{{ point.number }}. “{{ point.heading }}”
<span class="tag {{ point.tier }}">{{ point.stand }}</span>
<span class="tag">{{ point.kind }}</span> <span class="tag">score {{ "%.2f" | format(point.score) }}</span>
{% if point.possible_update %}<span class="tag">possibly an update</span>{% endif %}</h4>
<div class="sides">
{% for position in point.positions %}
<div class="side">
<p class="value">{{ position.value }} <span class="soft">{{ position.sources }}</span></p>
{% for one in position.statements %}
<blockquote>“{% for text, differs in one.parts %}{% if differs %}<mark>{{ text }}</mark>{% else %}{{ text
}}{% endif %}{% endfor %}”</blockquote>
<cite class="soft">{% if one.link %}<a href="{{ one.link }}" rel="noreferrer">{{ one.source }}</a>{% else %}{{
one.source }}{% endif %}{% if one.also %}<br>{{ one.also }}{% endif %}</cite>
{% endfor %}
</div>
{% endfor %}
</div>
</article>
{% endfor %}
{% endfor %}
{% elif survey.check.status == "checked" %}
<p>{{ unopposed }} {{ limits }}</p>
{% endif %}
</main>
</body>
</html>
"""
