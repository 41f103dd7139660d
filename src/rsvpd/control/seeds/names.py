"""What a made-up company is made of: names, departments, offices, and what its meetings and mail are about."""

from __future__ import annotations

from msgspec import Struct

FIRST = (
    "Ada", "Amir", "Ana", "Anders", "Anna", "Arjun", "Astrid", "Ben", "Carla", "Chen", "Clara", "Daniel", "Diego",
    "Elena", "Elif", "Emma", "Eva", "Fatima", "Felix", "Finn", "Grace", "Hanna", "Hiro", "Ines", "Ivan", "Jack",
    "Jana", "Jonas", "Julia", "Kofi", "Lars", "Laura", "Lea", "Leo", "Lina", "Louis", "Lucia", "Maja", "Marco",
    "Maria", "Mei", "Mia", "Milan", "Nadia", "Nina", "Noah", "Nora", "Olga", "Omar", "Oscar", "Paul", "Priya",
    "Rosa", "Samir", "Sara", "Sofia", "Tariq", "Tom", "Vera", "Yuki",
)  # fmt: skip
LAST = (
    "Adler", "Ahmed", "Baker", "Bauer", "Berg", "Bianchi", "Brandt", "Chopra", "Clark", "Costa", "Dahl", "Davis",
    "Diaz", "Dubois", "Evans", "Fischer", "Fontaine", "Garcia", "Gupta", "Haas", "Hansen", "Hill", "Ito", "Ivanova",
    "Jensen", "Kaya", "Keller", "Khan", "Kim", "Klein", "Kowalski", "Lang", "Larsen", "Lee", "Lopez", "Mahmoud",
    "Marino", "Meyer", "Mensah", "Moore", "Nakamura", "Nowak", "Olsen", "Patel", "Perez", "Petrov", "Rao", "Reed",
    "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Stein", "Tanaka", "Vogel", "Walker", "Weber", "Wong", "Young",
)  # fmt: skip


class Office(Struct, frozen=True):
    """Where people work."""

    city: str
    zone: str
    rooms: tuple[str, ...]


class Department(Struct, frozen=True):
    """What people do, and how many of a hundred do it."""

    name: str
    head: str
    jobs: tuple[str, ...]
    share: int
    projects: tuple[str, ...]


OFFICES = (
    Office("Berlin", "Europe/Berlin", ("Spree", "Havel", "Panke", "Dahme", "Tegel", "Wannsee")),
    Office("London", "Europe/London", ("Thames", "Fleet", "Tyburn", "Lea", "Wandle", "Effra")),
    Office("New York", "America/New_York", ("Hudson", "Harlem", "Bronx", "Gowanus", "Astoria", "Battery")),
    Office("Bengaluru", "Asia/Kolkata", ("Kaveri", "Ulsoor", "Hebbal", "Sankey", "Bellandur", "Varthur")),
)
DEPARTMENTS = (
    Department("Engineering", "VP Engineering", ("Engineer", "Senior Engineer", "Site Reliability Engineer"), 42,
               ("Search", "Billing", "Mobile app", "Sign-in", "Data platform")),
    Department("Product", "Head of Product", ("Product Manager", "Designer", "User Researcher"), 14,
               ("Onboarding", "Pricing page", "Roadmap", "Accessibility")),
    Department("Sales", "VP Sales", ("Account Executive", "Sales Engineer"), 18,
               ("Northwind", "Fabrikam", "Tailspin", "Renewals")),
    Department("Support", "Head of Support", ("Support Specialist", "Support Engineer"), 14,
               ("Escalations", "Help centre", "Response times")),
    Department("People", "Head of People", ("Recruiter", "People Partner"), 6, ("Hiring plan", "Reviews", "Benefits")),
    Department("Finance", "Chief Financial Officer", ("Accountant", "Controller"), 6, ("Budget", "Audit", "Forecast")),
)  # fmt: skip
TOPICS = (
    "Kickoff", "Planning", "Review", "Demo", "Retrospective", "Workshop", "Estimates", "Risks", "Status",
    "Decision",
)  # fmt: skip
ACCEPTING = ("Looking forward to it.", "I will be there.", "I may join five minutes late.", "I bring the numbers.")
DOUBTING = ("I have something else around that time.", "Depends on a visitor.", "Could we make it shorter?")
DECLINING = (
    "I am travelling that day, sorry.", "I have a conflict.", "Please go ahead without me.",
    "Leo goes in my place.",
)  # fmt: skip
OUTSIDERS = ("northwind.example", "fabrikam.example", "tailspin.example")
MAIL = (
    (
        "Agenda: {topic}",
        "Hi all,\n\nbelow is what I want to go through. Tell me what is missing.\n\n1. Where we are\n"
        "2. What stands in the way\n3. Who does what\n\n{name}",
    ),
    (
        "Notes: {topic}",
        "Thanks for coming. What we decided:\n\n- we go on as planned\n- the dates are in the ticket\n"
        "- we look at it again next week\n\n{name}",
    ),
    (
        "Question about {topic}",
        "Do you have ten minutes for this today? I would like to hear what you think before I answer.\n\n{name}",
    ),
    (
        "{topic}: numbers",
        "The numbers of last week are in the ticket. They are better than I thought.\n\n{name}",
    ),
)  # fmt: skip
AWAY = ("I am on vacation and back on {day}.", "I am at a conference until {day} and read mail in the evening.")
