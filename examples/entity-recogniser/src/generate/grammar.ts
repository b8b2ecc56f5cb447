/**
 * The language of the generated text. A line is one way to write a rule, after its weight:
 *
 *   {rule}       what that rule gives; {stem}, {given}, {productName} are names, {number} and the like are drawn
 *   [type …]     a span of that type; spans may stand inside spans
 *   a|b          one of two single words
 */
export const GRAMMAR: Record<string, string> = {
  sentence: `
    6 {clause} .
    2 {clause} , {connective} {clause} .
    1 {opening} , {clause} .
    1 “ {clause} , ” [person {fullName}] said .`,

  connective: `
    1 and
    1 but
    1 while
    1 because`,

  opening: `
    2 in {date}
    1 last week
    1 according to {person}
    1 according to {organisation}
    1 near {place}
    1 as a rule`,

  clause: `
    10 {personClause}
    10 {organisationClause}
    9 {placeClause}
    8 {productClause}
    6 {eventClause}
    6 {sharedNameClause}
    7 {plainClause}`,

  personClause: `
    3 {person} was born in {place} in {year}
    3 {person} joined|left {organisation} {inDate}
    2 {person} , a retired|young|former {trade} from {place} , won|lost the {event}
    2 the {trade} {person} smiled|waited|laughed quietly
    2 {person} and {person} met|married in {place}
    3 the {kinship} {family} run|own {organisation}
    2 {strangers} , who had never met , shared a flat|train|table in {place}
    2 {person} told {person} about the {thing}
    2 our {trade} , {person} , teaches at {school}
    1 {person} has lived in {place} since {date}
    1 {personName} 's mother|brother|daughter works for {organisation}
    1 {person} , {person} and {person} signed the {thing} {inDate}`,

  organisationClause: `
    3 {organisation} hired|dismissed {number} people {inDate}
    3 shares in {organisation} fell|rose by {number} per cent
    2 {organisation} opened an office|branch in {place}
    2 {organisation} bought {organisation} for {number} million
    2 {organisation} and {organisation} merged {inDate}
    2 {schools} share a library
    2 the board of {organisation} appointed|praised {person}
    2 {school} published a study of {thing} written by {person}
    1 {organisation} was founded in {year} by {person}
    1 {council} voted against the {thing}`,

  placeClause: `
    3 the road from {place} to {place} was closed {inDate}
    2 it rained all week in {place}
    2 {places} lie|sit on opposite banks of the river
    2 a {trade} from {place} found the {thing}
    2 {place} has {number} inhabitants
    2 the train to {place} leaves|stops at noon
    1 {person} walked from {place} to {place}
    1 the hills above {place} are green {inDate}
    1 the {trade} moved to {place} to work for {organisation}`,

  productClause: `
    3 {organisation} launched|announced the {product} {inDate}
    2 the battery|screen of the {product} lasts for {number} hours
    2 {person} reviewed the {product} and the {product}
    2 customers returned the {product} because it broke
    2 my {product} needs a new {part}
    1 the {product} costs {number} more than the {product}
    1 we tested|repaired an old {product} in {place}`,

  eventClause: `
    2 {person} won the {event} {inDate}
    2 the {event} drew {number} visitors
    2 the {event} was cancelled {inDate}
    2 {organisation} sponsors the {event}
    1 {number} runners|guests came to the {event} in {place}
    1 the {event} and the {event} fall on one weekend`,

  /* One name by itself: the words around it say what it is. */
  sharedNameClause: `
    2 [person {stem}] raised|folded her arms
    2 [person {stem}] , who is {age} , plays|paints well
    1 nobody listened to [person {stem}] any more
    1 the jury believed [person {stem}] and her sister
    2 [organisation {stem}] raised|cut its prices
    2 [organisation {stem}] , which makes {part} , reported a loss
    1 nobody invests in [organisation {stem}] any more
    1 investors believed [organisation {stem}] and its bankers
    2 [place {stem}] raised|cut its taxes , the mayor said
    2 [place {stem}] , which lies on the coast , is flooded
    1 nobody lives in [place {stem}] any more
    1 tourists love [place {stem}] and its beaches
    1 the mayor of [place {stem}] met the chairman of [organisation {stem}]
    1 in [place {stem}] , [person {stem}] is a well - known {trade}`,

  /* Words that look like entities and are none. */
  plainClause: `
    2 {number} {things} were counted in the {thing}
    2 the {commonName} by the gate is old
    2 a {commonName} was seen above the tower
    2 Chapter|Room|Section|Table|Line {year} is missing
    2 the university|museum|council|bank was closed all day
    2 they will march|rob|grant|ward if it may help
    1 we hope to mark the {things} with a {commonName}
    1 no rose , joy or summer lasts for ever
    1 she bought {year} {things} and {number} {things}
    1 a bank of fog hid the {commonName}
    1 the Minister and the Captain read the Daily report
    1 frank answers are rich in grace and patience
    1 the cup|festival|battle was over by noon`,

  person: `
    6 [person {fullName}]
    3 [person {stem}]
    1 Dr|Judge|Captain [person {stem}]
    1 [person {given}]`,
  personName: `
    1 [person {given}]
    1 [person {stem}]`,
  fullName: `
    5 {given} {stem}
    1 {given} {initial} {stem}
    1 {given} {stem} - {stem}`,

  /* "Anna and Peter Thornbury" names two people, the first of them with a gap; the outer span holds all of it. */
  family: `
    2 [person [person {given}] and [person {given} {stem}]]
    1 [person [person {given}] , [person {given}] and [person {given} {stem}]]`,
  kinship: `
    1 sisters
    1 brothers
    1 siblings
    1 twins
    1 spouses`,
  strangers: `
    2 [person {given}] and [person {given} {stem}]
    1 [person {given} {stem}] and [person {given}]`,

  place: `
    8 [place {stem}]
    2 [place {direction} {stem}]
    2 [place {stem} {placeWord}]
    1 [place [place {stem}] - on - {stem}]`,
  places: `
    2 [place {stem}] and [place {stem}]
    2 [place {direction} and [place {direction} {stem}]]`,

  organisation: `
    2 [organisation {stem} {companyWord}]
    2 [organisation {stem}]
    2 [organisation {stem} & {stem}]
    1 [organisation [person {fullName}] {charityWord}]
    2 {school}
    2 {council}
    1 [organisation Bank of [place {stem}]]
    1 [organisation [organisation {schoolName}] Press]`,
  school: `
    3 [organisation {schoolName}]
    1 [organisation {subject} Department of the [organisation {schoolName}]]`,
  schoolName: `
    3 University of [place {stem}]
    2 [place {stem}] {schoolWord}
    1 [person {fullName}] School`,
  schools: `
    1 both [organisation Universities of [place {stem}] and [place {stem}]]
    1 the [organisation [place {stem}] and [organisation [place {stem}] Colleges]]`,
  council: `
    1 [organisation [place {stem}] {councilWord}]`,

  product: `
    3 [product {productName} {model}]
    2 [product {productName}]
    3 [product [organisation {stem}] {productName}]
    2 [product [organisation {stem}] {productName} {model}]`,

  event: `
    3 [event {eventName}]
    2 [event [date {year}] {eventName}]`,
  eventName: `
    3 [place {stem}] {eventWord}
    2 [person {fullName}] Memorial {eventWord}
    1 Battle of [place {stem}]`,

  date: `
    3 [date {year}]
    2 [date {month} {year}]
    2 [date {day} {month} {year}]`,
  inDate: `
    2 in [date {year}]
    2 in [date {month} {year}]
    2 on [date {day} {month}]
    1 in [date the {season} of {year}]
    1 on [date {weekday}]
    1 [date {relativeDay}]
    5 yet again`,
  relativeDay: `
    1 yesterday
    1 last {weekday}
    1 this {season}`,

  direction: lines('North South East West Upper Lower New Old'),
  placeWord: lines('Bay Hill Island Valley Heath Green'),
  companyWord: lines('Systems Motors Foods Airlines Energy Holdings Textiles Partners Shipping'),
  charityWord: lines('Foundation Trust Institute Society'),
  schoolWord: lines('University College Academy'),
  subject: lines('History Physics Music Law Botany'),
  councilWord: lines('Council Museum Police Hospital Library United'),
  eventWord: lines('Marathon Festival Cup Fair Regatta Conference Games'),
  month: lines('January February March April May June July August September October November December'),
  weekday: lines('Monday Tuesday Wednesday Thursday Friday Saturday Sunday'),
  season: lines('spring summer autumn winter'),
  trade: lines('baker pilot nurse lawyer painter engineer sailor teacher goalkeeper poet chemist mason'),
  thing: lines('contract bridge letter plan harbour garden law report bank archive river'),
  things: lines('letters invoices apples seats pages copies tickets chairs stones'),
  part: lines('engine lens keyboard pump wheel cable filter'),
};

/** One line of weight 1 for each word. */
function lines(words: string): string {
  return words
    .split(' ')
    .map(word => `1 ${word}`)
    .join('\n');
}
