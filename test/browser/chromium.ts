import { type Browser, chromium } from 'playwright-core';
import { findBinary } from '../servers/find-binary.js';

/** Debian's Chromium, kept from calling home. Playwright ends it with this process at the latest. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findBinary('chromium');
  if (executablePath === undefined) throw new Error('chromium is not on this machine');
  return chromium.launch({ executablePath, args: ARGS });
}

const ARGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
