export interface Article {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** The articles that have every word of the query in their title or text; all of them for an empty query. */
export function searchArticles(query: string): readonly Article[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return ARTICLES.filter(({ title, text }) => {
    const content = `${title} ${text}`.toLowerCase();
    return words.every((word) => content.includes(word));
  });
}

export function findArticle(id: string): Article | undefined {
  return ARTICLES.find((article) => article.id === id);
}

const ARTICLES: readonly Article[] = [
  {
    id: 'restart-router',
    title: 'Restart your router',
    text: 'Pull the power plug, count to thirty, and put it back. The router is ready when the globe light stops blinking, after about three minutes. Do not press the pinhole button: it erases your settings.',
  },
  {
    id: 'slow-wifi',
    title: 'Wi-Fi is slower than the line',
    text: 'Measure once with a cable and once over Wi-Fi. If only Wi-Fi is slow, move the router out of the cupboard, away from the microwave oven, and choose the 5 GHz network for devices in the same room.',
  },
  {
    id: 'router-lights',
    title: 'What the lights on the router mean',
    text: 'White: everything works. Amber: the router is looking for the line. Red: no line; check that the grey cable sits firmly in the socket marked LINE. Blue and blinking: a new device may join.',
  },
  {
    id: 'move-house',
    title: 'Take your broadband with you when you move',
    text: 'Tell us the new address at least ten working days ahead. We check which line is there, book an engineer if you need one, and keep your price. Bring the router; it recognises the new line.',
  },
  {
    id: 'read-bill',
    title: 'Why the first bill is higher',
    text: 'The first bill covers the days from your start date to the end of that month and the whole month after it. From the second bill on you pay for one month. One-off charges appear below the monthly price.',
  },
  {
    id: 'report-outage',
    title: 'Report an outage',
    text: 'First look at the status page, using your phone’s mobile data. If your street is not listed there, restart the router, wait five minutes, and then report the outage with your customer number.',
  },
  {
    id: 'engineer-visit',
    title: 'Prepare for the engineer’s visit',
    text: 'An adult must be at home for the whole time slot. Clear the way to the telephone socket and to the fuse box. You can change the slot until six in the evening of the day before.',
  },
  {
    id: 'keep-number',
    title: 'Keep your telephone number',
    text: 'Do not cancel with your old provider: you lose the number if that contract ends first. Give us the number and the old customer number, and we ask for both to be moved on the same day.',
  },
];
