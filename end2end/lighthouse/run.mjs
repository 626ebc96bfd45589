// `cargo xtask lighthouse`: node run.mjs <address of the bar> <staff link> [runs]
//
// Makes some orders, then runs Lighthouse several times on every kind of page, and prints the medians.
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';
import puppeteer from 'puppeteer-core';

const [site, staffLink, runs = '5'] = process.argv.slice(2);
if (!site || !staffLink) {
  throw new Error('usage: node run.mjs <address of the bar> <staff link> [runs]');
}

/** An HTTP client with the cookies of one browser. */
class Client {
  cookies = new Map();

  get cookie() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(path, form) {
    const answer = await fetch(new URL(path, site), {
      method: form ? 'POST' : 'GET',
      headers: { cookie: this.cookie, accept: 'application/json' },
      body: form && new URLSearchParams(form),
      redirect: 'manual',
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    const text = await answer.text();
    if (answer.status >= 400) {
      throw new Error(`${path}: ${answer.status} ${text}`);
    }
    return text;
  }
}

/** Orders a drink; returns the guest and the address of the order's page. */
async function order(drink, key) {
  const guest = new Client();
  await guest.ask('/');
  const { id } = JSON.parse(await guest.ask('/api/submit_order', { key, drink }));
  return { guest, id };
}

const barista = new Client();
await barista.ask(staffLink, { name: 'Ana' });
const drinks = ['Flat White', 'Espresso', 'Cappuccino', 'Latte', 'Mocha', 'Cortado', 'Americano', 'Latte'];
const orders = [];
for (const [at, drink] of drinks.entries()) {
  orders.push(await order(drink, `lighthouse-${process.pid}-${at}`));
}
/** Sends a command, and repeats it until the workflow has entered the step that accepts it. */
async function retry(command, id) {
  for (let left = 50; ; left -= 1) {
    try {
      return await barista.ask(`/api/${command}`, { order: id });
    } catch (error) {
      if (left === 0) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
for (const { id } of orders.slice(0, 4)) {
  await retry('claim_order', id);
}
for (const { id } of orders.slice(0, 2)) {
  await retry('complete_order', id);
}

const CUSTOMER = { performance: 98, accessibility: 100, 'best-practices': 100, seo: 100 };
const SCREEN = { performance: 100, accessibility: 100, 'best-practices': 100 };
const waiting = orders[5];
const VIEWS = [
  { name: 'menu', path: '/', who: waiting.guest, form: 'mobile', goals: CUSTOMER, fresh: true },
  { name: 'order', path: `/orders/${waiting.id}`, who: waiting.guest, form: 'mobile', goals: CUSTOMER },
  { name: 'barista', path: '/barista', who: barista, form: 'desktop', goals: SCREEN },
  { name: 'display', path: '/display', who: barista, form: 'desktop', goals: SCREEN },
];
const LCP = 1200;
const CLS = 0.02;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const number = (lhr, audit) => lhr.audits[audit]?.numericValue ?? Number.NaN;

/** A new browser with the cookies of the user of the view. A guest who opens the menu for the first time has none. */
async function open(view) {
  const chrome = await launch({
    chromePath: process.env.CHROMIUM,
    chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run'],
  });
  if (!view.fresh) {
    const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}` });
    const cookies = [...view.who.cookies].map(([name, value]) => ({ name, value, domain: new URL(site).hostname, path: '/' }));
    await browser.setCookie(...cookies);
    await browser.disconnect();
  }
  return chrome;
}

let missed = 0;
console.log('| page | preset | performance | accessibility | best practices | SEO | LCP ms | CLS | TBT ms | KB |');
console.log('|---|---|---:|---:|---:|---:|---:|---:|---:|---:|');
for (const view of VIEWS) {
  const reports = [];
  const chrome = await open(view);
  for (let run = 0; run < Number(runs); run += 1) {
    const flags = { port: chrome.port, logLevel: 'error' };
    const config = view.form === 'desktop' ? desktopConfig : undefined;
    const result = await lighthouse(new URL(view.path, site).href, flags, config);
    if (result?.lhr.runtimeError) {
      throw new Error(`${view.path}: ${result.lhr.runtimeError.message}`);
    }
    reports.push(result.lhr);
  }
  await chrome.kill();
  const scores = Object.fromEntries(
    ['performance', 'accessibility', 'best-practices', 'seo'].map((category) => [
      category,
      Math.round(100 * median(reports.map((lhr) => lhr.categories[category]?.score ?? 0))),
    ]),
  );
  const measured = (audit) => median(reports.map((lhr) => number(lhr, audit)));
  const [lcp, cls, tbt] = ['largest-contentful-paint', 'cumulative-layout-shift', 'total-blocking-time'].map(measured);
  const bytes = measured('total-byte-weight');
  console.log(
    `| ${view.name} | ${view.form} | ${scores.performance} | ${scores.accessibility} | ${scores['best-practices']} | ` +
      `${scores.seo} | ${Math.round(lcp)} | ${cls.toFixed(3)} | ${Math.round(tbt)} | ${(bytes / 1024).toFixed(0)} |`,
  );
  const failures = Object.entries(view.goals)
    .filter(([category, goal]) => scores[category] < goal)
    .map(([category, goal]) => `${category} ${scores[category]} is below ${goal}`);
  if (lcp >= LCP) failures.push(`LCP ${Math.round(lcp)} ms is not below ${LCP} ms`);
  if (cls >= CLS) failures.push(`CLS ${cls.toFixed(3)} is not below ${CLS}`);
  if (failures.length > 0) {
    missed += failures.length;
    console.log(`  ${view.name}: ${failures.join('; ')}`);
    const wrong = Object.values(reports[0].audits).filter(
      (audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== 'informative',
    );
    for (const audit of wrong) {
      console.log(`    ${audit.id}: ${audit.displayValue ?? audit.title}`);
      for (const item of audit.details?.items?.slice(0, 3) ?? []) {
        const what = item.node?.snippet ?? item.url ?? item.description;
        if (what) console.log(`      ${what}`);
      }
    }
  }
}
console.log(missed === 0 ? 'Every goal is reached.' : `${missed} goals are missed.`);
process.exitCode = missed === 0 ? 0 : 1;
