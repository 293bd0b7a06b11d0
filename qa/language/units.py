"""The words for units, currencies, scales and small numbers, and what they are worth.

A unit maps to a dimension and a factor; only quantities of one dimension are ever compared. Currencies
are dimensions of their own: no exchange rate is ever assumed.
"""

NUMBER_WORDS = {
    **dict(
        zip(
            "zero one two three four five six seven eight nine ten eleven twelve".split(),
            range(13),
            strict=True,
        )
    ),
    **dict(
        zip(
            "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
            range(13, 20),
            strict=True,
        )
    ),
    **dict(
        zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True)
    ),
}

SCALES = {
    "dozen": 12.0,
    "hundred": 1e2,
    "thousand": 1e3,
    "lakh": 1e5,
    "million": 1e6,
    "crore": 1e7,
    "billion": 1e9,
    "trillion": 1e12,
}
# Short scales stand only right after digits: "5m", "1.2bn". A bare "m" may be metres: see quantities.py.
SHORT_SCALES = {
    "k": 1e3,
    "K": 1e3,
    "mn": 1e6,
    "mln": 1e6,
    "mio": 1e6,
    "m": 1e6,
    "M": 1e6,
    "bn": 1e9,
    "B": 1e9,
    "b": 1e9,
    "tn": 1e12,
    "trn": 1e12,
}

# What may stand before a number. "$" alone is taken as US dollars, as the agencies write it.
CURRENCY_SIGNS = {
    "US$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "HK$": "HKD",
    "NT$": "TWD",
    "NZ$": "NZD",
    "S$": "SGD",
    "R$": "BRL",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "¥",
    "₩": "KRW",
    "₹": "INR",
    "RMB": "CNY",
    **{code: code for code in "USD EUR GBP JPY CNY KRW INR CHF AUD CAD HKD TWD SGD SEK NOK DKK".split()},
}

_CURRENCY_WORDS = {
    "USD": "dollar dollars usd US-dollars",
    "EUR": "euro euros eur",
    "GBP": "gbp sterling",
    "JPY": "yen jpy",
    "CNY": "yuan rmb cny renminbi",
    "KRW": "won krw",
    "INR": "rupee rupees inr",
    "CHF": "chf",
    "franc": "franc francs",
    "RUB": "rouble roubles ruble rubles",
    "peso": "peso pesos",
    "BRL": "reais",
    "lira": "lira lire",
    "SEK": "kronor",
    "krone": "kroner krone",
    "PLN": "zloty zlotys",
    "ZAR": "rand",
    "NGN": "naira",
    "riyal": "riyal riyals",
    "dirham": "dirham dirhams",
    "shekel": "shekel shekels",
    "cent": "cents",
    "bitcoin": "bitcoin bitcoins btc",
}

# dimension: {words: factor}
_MEASURES: dict[str, dict[str, float]] = {
    "percent": {"% percent pct per-cent": 1},
    "points": {"percentage-point percentage-points": 1, "basis-point basis-points": 0.01},
    "power": {
        "W watt watts": 1,
        "kW KW kilowatt kilowatts": 1e3,
        "MW megawatt megawatts": 1e6,
        "GW gigawatt gigawatts": 1e9,
        "TW terawatt terawatts": 1e12,
    },
    "energy": {"kWh kilowatt-hours": 1e3, "MWh megawatt-hours": 1e6, "GWh gigawatt-hours": 1e9, "TWh": 1e12},
    "length": {
        "nm nanometer nanometers nanometre nanometres": 1e-9,
        "mm millimetre millimetres millimeter millimeters": 1e-3,
        "cm centimetre centimetres centimeter centimeters": 1e-2,
        "metre metres meter meters": 1,
        "km kilometre kilometres kilometer kilometers": 1e3,
        "mile miles": 1609.344,
        "ft foot feet": 0.3048,
        "inch inches": 0.0254,
        "yard yards": 0.9144,
    },
    "area": {
        "hectare hectares": 1e4,
        "acre acres": 4046.86,
        "sq-km square-kilometres square-kilometers square-km": 1e6,
        "square-miles": 2.59e6,
        "square-metres square-meters": 1,
        "square-feet sq-ft": 0.0929,
    },
    "mass": {
        "gram grams": 1e-3,
        "kg kilogram kilograms kilo kilos": 1,
        "tonne tonnes": 1e3,
        "lb lbs": 0.4536,
    },
    "tons": {"ton tons": 1},  # short, long or metric: never taken for tonnes
    "pounds": {"pound pounds": 1},  # money or weight: never compared with either
    "volume": {"litre litres liter liters": 1, "ml millilitres milliliters": 1e-3},
    "barrels": {"barrel barrels": 1},
    "gallons": {"gallon gallons": 1},
    "seconds": {"second seconds": 1, "minute minutes": 60, "hour hours": 3600},
    "days": {"day days": 1, "week weeks": 7},
    "months": {"month months": 1, "year years": 12, "decade decades": 120},
    "age": {"year-old years-old year-olds years-of-age": 1},
    "celsius": {"°C degrees-Celsius degree-Celsius": 1},
    "fahrenheit": {"°F degrees-Fahrenheit degree-Fahrenheit": 1},
    "degrees": {"degrees degree °": 1},
    "speed": {"km/h kph kmh kilometres-per-hour kilometers-per-hour": 1, "mph miles-per-hour": 1.609344},
    "data": {"KB": 1e3, "MB megabytes": 1e6, "GB gigabytes": 1e9, "TB terabytes": 1e12, "PB petabytes": 1e15},
    "frequency": {"Hz": 1, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9},
    "people": {"people person persons": 1},
}

UNITS: dict[str, tuple[str, float]] = {
    word.replace("-", " ") if word != "US-dollars" else "US dollars": (dimension, factor)
    for dimension, words in _MEASURES.items()
    for names, factor in words.items()
    for word in names.split()
}
UNITS |= {
    word.replace("-", " "): (code, 1.0) for code, words in _CURRENCY_WORDS.items() for word in words.split()
}
UNITS |= {f"{unit}-old": ("age", 1.0) for unit in ("year", "years")}

CURRENCIES = frozenset(CURRENCY_SIGNS.values()) | frozenset(_CURRENCY_WORDS)
# Length, mass and the rest keep their capitals ("MW", "mm"); words may be written in either case.
UNITS |= {word.title(): value for word, value in UNITS.items() if len(word) > 3 and word.islower()}
