/** Fifty scripts of the kinds that people paste, short enough to be spoken in a test. */

const DIALOGUE = [
  'ANNA: Hi.\nBEN: Yes?\nANNA: No.\nBEN: Oh.\nANNA: Well, that was quick, was it not?',
  'MIRA: Did you hear the sea last night? It kept me awake until three in the morning, and I did not mind at all.\nJOON: I slept. Like a stone.',
  'A: Go!\nB: Where?\nA: There!\nB: Now?\nA: Now! Run! Hide! Wait!',
  "TOM: If you had told me a year ago that I would be standing here, in front of all of you, with a cake in my hands and a speech that I haven't written, I wouldn't have believed a single word.",
  'JUDGE: Order! Order in the court! The witness will answer the question, please.\nWITNESS: I was at home.\nJUDGE: Thank you.',
  'NURSE: Breathe in. And out. Good. Once more, please. In. Out. That is all for today, Mr. Smith.',
  'PILOT: This is your captain speaking. We are cruising at 35,000 feet, and we expect to land in Lisbon at 10:45 p.m. local time.',
  'KID: Why? Why? Why?\nDAD: Because the sky scatters blue light more than it scatters red light, and that is why.',
  'LEO: "Stop!" he said. "Stop, or I will call Dr. Jones, who lives at 221B Baker St. in London." Nobody moved.',
  'ADA: Supercalifragilisticexpialidocious! Say it twice.\nBOB: Supercalifragilisticexpialidocious supercalifragilisticexpialidocious.',
];

const PROSE = [
  'The lighthouse had been dark for eleven years when the old keeper came back up the path with a lantern in one hand and a letter in the other. He did not knock. He had never knocked.',
  'It rained. It rained all day. Then it stopped.',
  'Although nobody in the village had seen the wolf, everybody was certain that it was larger than any other wolf, that it came from the north, and that it would not leave before the snow had melted on the hills behind the mill.',
  'Coffee. Toast. Silence. The best hour of the day.',
  'Cats purr because the muscles of the larynx open and close the glottis some twenty-five times each second; the air that passes makes the sound, on the way in as well as on the way out.',
  'Once upon a time there was a very small dragon who could not breathe fire, no matter how hard she tried, and who therefore learned to cook instead.',
  'He waited... and waited... and then, at last, she came! "You are late," he said. "I know," she said.',
  'In the beginning there was a plan, and the plan was good, and the people who had made the plan were good people, and still nothing of what they had planned came to pass in the way in which they had planned it.',
  'Word.',
  'Go',
];

const NUMBERS = [
  'It cost $1,250,000 on 12/25/1999 and $3,999,999 on 11/29/2026, they said at 10:45 p.m.',
  'Pi is about 3.14159265358979, and e is about 2.718281828459045.',
  'Call +1 (555) 867-5309 before 5 p.m. on Mar. 3rd, 2027, or write to help@example.com.',
  'Mix ½ cup of sugar, ¾ tsp. of salt and 250 g of flour. Bake at 180°C for 45 min. Serves 4-6.',
  'The train does 320 km/h; the old one did 60 mph. £3.99 a ticket, 2 for £5.',
  'Q1: +12%. Q2: -3.5%. Q3: 0%. Q4: we do not know yet, but 7% would be fine.',
  '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30',
  'Account 4929123456781234567890123456789012345678 is closed.',
  'Henry VIII had 6 wives; Louis XIV reigned for 72 years and 110 days, from 1643 to 1715.',
  'See https://example.org/a/very/long/path/that/goes/on/and/on/index.html?with=a&query=string for more.',
];

const MARKDOWN = [
  '# Why the sky is blue\n\n- Light from the sun is **white**.\n- Air scatters the *blue* part.\n- The rest goes on.\n\n> So we see blue.',
  '## Scene 1: The Kitchen\n\n**Anna:** Where is the salt?\n\n**Ben:** Behind the pepper, where it has been for the last two years.\n',
  '1. Open the box.\n2. Take out the cable (it is the grey one).\n3. Connect it to the port on the back of the device, and wait until the light is green.',
  '| Planet | Moons |\n| --- | --- |\n| Mars | 2 |\n| Jupiter | 95 |\n\nJupiter has the most.',
  '### Intro\n\nHello, and welcome back! Today: three myths about sleep.\n\n---\n\n### Myth 1\n\nYou need 8 hours. *Not everybody does.*',
];

const FORMATS = [
  'INT. KITCHEN - DAY\n\nSTEEL\nThey are coming to the door, and you stand there and make an omelette?\n\nDAN\n(calmly)\nIt is a good omelette.\n\nCUT TO:\n\nEXT. STREET - NIGHT\n\nSTEEL\nRun.',
  '1\n00:00:01,000 --> 00:00:03,000\nGood evening, and welcome.\n\n2\n00:00:03,500 --> 00:00:06,000\nTonight we talk about\nthe deep sea.\n',
  'WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ann>Fine, and you?\n\n00:04.000 --> 00:05.000\n<v Bob>Also fine.\n',
  '<h1>News</h1><p>The bridge opens on Monday.</p><p>Nobody had expected it to be ready before the autumn, least of all its builders.</p>',
  'Title: Short\n\nNARRATOR: Nothing happened. Then, all at once, everything did, and it did not stop for days.',
];

const KOREAN = [
  '안나: 안녕하세요.\n민준: 네.\n안나: 오늘 날씨가 정말 좋네요. 산책하러 갈까요?',
  '옛날 옛적에 깊은 산속에 호랑이 한 마리가 살고 있었는데, 그 호랑이는 떡을 아주 좋아해서 날마다 고개를 넘어오는 할머니를 기다렸습니다.',
  '2026년 11월 29일 오후 3시 30분에 3,500명이 모였고, 1인당 12,000원을 냈습니다.',
  '지수: 뭐?\n현우: 응.\n지수: 진짜?\n현우: 그래, 진짜라니까!',
  '인공지능은 사람이 하는 일을 도와주지만, 사람을 대신하려고 만든 것은 아니라고 생각합니다.',
];

const OTHERS = [
  'Ship it! 🚀🚀🚀 We did it 🎉 and nobody was harmed 👩🏽‍🚀.',
  '東京は夜の七時。窓の外では雨が静かに降り続いていて、誰もいない部屋に時計の音だけが響いていた。',
  '今天天气很好，我们一起去公园散步吧。他说：“好的，我马上就来。”',
  'Привет! Как дела? Сегодня мы поговорим о том, почему небо голубое и почему трава зелёная.',
  'Η θάλασσα ήταν ήσυχη και ο ουρανός γεμάτος αστέρια, όταν το μικρό καράβι έφυγε από το λιμάνι.',
];

export const SCRIPTS: readonly string[] = [
  ...[...DIALOGUE, ...PROSE, ...NUMBERS],
  ...[...MARKDOWN, ...FORMATS, ...KOREAN, ...OTHERS],
];
