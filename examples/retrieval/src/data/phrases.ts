/** Ways to say the same thing. */
export const ACTIONS: readonly (readonly string[])[] = [
  ['book', 'reserve', 'make a reservation for', 'arrange'],
  ['cancel', 'call off', 'drop', 'get rid of'],
  ['move', 'reschedule', 'postpone', 'shift'],
  ['confirm', 'double check', 'make sure of', 'verify'],
  ['know the price of', 'find out what you charge for', 'hear the cost of', 'get a quote for'],
  ['pay for', 'settle the bill for', 'transfer the money for', 'clear the invoice for'],
  ['complain about', 'report a problem with', 'give bad feedback on', 'say how unhappy i am with'],
  ['extend', 'get more time for', 'prolong', 'stay longer with'],
  ['share', 'forward the details of', 'send a friend', 'pass on'],
  ['upgrade', 'get a better version of', 'improve', 'have something nicer than'],
];

export const OBJECTS: readonly (readonly string[])[] = [
  ['the table', 'dinner', 'our seats at the restaurant', 'the meal'],
  ['the hotel', 'the room', 'our stay', 'the accommodation'],
  ['the flight', 'the plane ticket', 'our seats on the plane', 'the trip by air'],
  ['the train', 'the rail ticket', 'our seats on the express', 'the journey by rail'],
  ['the taxi', 'the cab', 'the ride', 'the driver'],
  ['the doctor', 'the medical appointment', 'the check up', 'the clinic'],
  ['the haircut', 'the hairdresser', 'the barber', 'the salon'],
  ['the lesson', 'the class', 'the course', 'the session with the teacher'],
  ['the tour', 'the guide', 'the walk through the old town', 'the sightseeing'],
  ['the concert', 'the gig', 'the show with the band', 'the live music'],
  ['the rental car', 'the hire car', 'the vehicle', 'the four door with the sunroof'],
  ['the museum', 'the exhibition', 'the gallery', 'the collection of paintings'],
];

export const TIMES: readonly (readonly string[])[] = [
  ['today', 'tonight', 'this evening', 'in a few hours'],
  ['tomorrow', 'the day after today', 'within a day', 'by this time tomorrow'],
  ['on the weekend', 'on saturday', 'on sunday', 'after the working week'],
  ['next week', 'in seven days', 'a week from now', 'in the week to come'],
  ['on new year', 'at the turn of the year', 'on the last of december', 'when the year ends'],
];

export const OPENINGS = [
  'i want to',
  'i would like to',
  'please help me to',
  'could i',
  'is it possible to',
  'hello , i need to',
  'good morning , may i',
  'my wife and i have to',
  'we were hoping to',
  'sorry to bother you , can we',
];

export const ENDINGS = [
  '',
  'please',
  'thank you',
  'if that is possible',
  'for two of us',
  'as soon as you can',
  'and let me know by mail',
  'because our plans have changed',
];
