"""General words: times of day, kinds of people that come in groups, things that people handle."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TIMES = _words(
    """
    afternoon continuous dawn day dusk evening later midnight moments morning night noon
    same sunrise sunset twilight
    """
)

GROUPS = _words(
    """
    agents audience bystanders children commuters crew crewmembers crewmen crowd customers
    dancers detectives diners dockworkers doctors drivers engineers extras fans farmers
    firefighters fishermen gangsters guards guests journalists miners mob monks mourners
    musicians nuns nurses officers onlookers paramedics passengers patrons peasants
    pedestrians policemen prisoners protesters reporters sailors scientists servants
    shoppers soldiers spectators students technicians thugs tourists troops villagers
    waiters workers
    """
)

THINGS = _words(
    """
    apron axe badge bag ball bandage banknote barrel basket bat beard bell belt bicycle
    binoculars blanket bottle bouquet bow bowl box bracelet briefcase brush bucket bullet
    bundle button cage camera candle cane canteen cap card cards cart cigar cigarette
    clipboard cloak clock coat coin coins compass computer crate crowbar crown crystal cup
    cushion dagger datapad diary document doll dress drill drum earring envelope eyepatch
    fan flag flashlight flask flower flowers flute folder fork gavel glass glasses gloves
    goggles grenade guitar gun hammer handcuffs handkerchief harness hat headphones headset
    helmet holster hook jacket journal jug kettle key keys knife ladder ladle lamp lantern
    laptop ledger letter lighter lipstick locket lollipop luggage machete magazine mallet
    map mask match matches medal microphone mirror mug necklace needle newspaper note
    notebook oar oilskin package padlock painting pan parasol parcel passport pen pencil
    pendant phone photo photograph piano pillow pipe pistol pitcher plate pot purse radio
    raincoat razor receipt revolver rifle ring rope rose rucksack sack satchel saw scalpel
    scarf scissors screwdriver scroll shawl shield shovel sketchbook skull spanner spear
    spoon staff stethoscope suitcase sunglasses sword syringe tablet teacup teapot telegram
    telephone telescope ticket toolbox torch tray trophy typewriter umbrella uniform vase
    veil vial violin wallet wand watch whip whistle wig wrench
    """
)

QUALIFIED = {
    "watch": ("pocket", "wrist"),
    "coat": ("oilskin", "trench", "fur", "lab"),
    "beard": ("false", "fake"),
    "glasses": ("reading", "opera"),
    "cup": ("coffee", "tea", "paper"),
    "phone": ("cell", "mobile", "pay"),
    "suit": ("space", "eva"),
    "gun": ("machine", "laser"),
}
"""Words that make another thing of the one that they stand before."""
