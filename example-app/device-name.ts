/** What a person calls the device and the browser of a User-Agent header, such as "Firefox on Android". Only for people to read. */
export function deviceName(userAgent = ''): string {
  const program = firstMatch(PROGRAMS, userAgent) ?? 'Unknown program';
  const system = firstMatch(SYSTEMS, userAgent);
  return system === undefined ? program : `${program} on ${system}`;
}

function firstMatch(names: Readonly<Record<string, RegExp>>, userAgent: string): string | undefined {
  return Object.keys(names).find((name) => names[name]?.test(userAgent));
}

/** In this order: Edge also says that it is Chrome, and Chrome that it is Safari. */
const PROGRAMS = {
  Edge: /\bEdg/,
  Firefox: /\b(?:Firefox|FxiOS)\b/,
  Chrome: /Chrome\b|\bCriOS\b/,
  Safari: /\bSafari\b/,
  curl: /^curl\b/,
};

const SYSTEMS = {
  iPhone: /\biPhone\b/,
  iPad: /\biPad\b/,
  Android: /\bAndroid\b/,
  Windows: /\bWindows\b/,
  macOS: /\bMac OS X\b/,
  Linux: /\bLinux\b/,
};
