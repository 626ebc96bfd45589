import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import { expect } from '@playwright/test';
import puppeteer, { type Browser as Firefox, type ElementHandle, type Page } from 'puppeteer-core';
import { Builder, By, Capabilities, type WebDriver, type WebElement } from 'selenium-webdriver';

/** An element of a page: its text, and the actions of a user. */
export interface Element {
  visible(): Promise<boolean>;
  text(): Promise<string>;
  click(): Promise<void>;
  fill(text: string): Promise<void>;
}

/** A browser window with its own cookies. */
export interface Window {
  open(url: string): Promise<void>;
  address(): Promise<string>;
  /** The elements that match a CSS selector. */
  all(selector: string): Promise<Element[]>;
  /** A screenshot as PNG. */
  picture(): Promise<Buffer>;
  /** The value of an expression, which must be JSON. */
  evaluate(expression: string): Promise<unknown>;
}

/** A browser engine that Playwright does not drive. */
export interface Engine {
  window(): Promise<Window>;
  close(): Promise<void>;
}

/** Time-out of a click or a page load, in milliseconds. */
const LIMIT = 20_000;

/** Debian's Firefox, driven by WebDriver BiDi. */
export async function firefox(executablePath: string): Promise<Engine> {
  const browser: Firefox = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  return {
    async window() {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      page.setDefaultTimeout(LIMIT);
      return firefoxWindow(page);
    },
    close: () => browser.close(),
  };
}

function firefoxWindow(page: Page): Window {
  const element = (handle: ElementHandle): Element => ({
    visible: () => handle.isVisible(),
    text: () => handle.evaluate((node) => (node as HTMLElement).innerText.trim()),
    click: () => handle.click(),
    fill: (text) => handle.type(text),
  });
  return {
    async open(url) {
      await page.goto(url);
    },
    address: () => page.evaluate('location.href') as Promise<string>,
    all: async (selector) => (await page.$$(selector)).map(element),
    picture: async () => Buffer.from(await page.screenshot()),
    evaluate: (expression) => page.evaluate(expression),
  };
}

/** Debian's WebKitGTK, the engine of all browsers on iPhones, driven by WebDriver on virtual displays. */
export async function webkit(driver: string, browser: string, displayServer: string): Promise<Engine> {
  const processes: ChildProcess[] = [];
  const sessions: WebDriver[] = [];
  return {
    async window() {
      // A window without focus ignores clicks, so each window has its own display.
      const display = spawn(displayServer, ['-displayfd', '1', '-screen', '0', '1024x800x24', '-nolisten', 'tcp'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      processes.push(display);
      const name = `:${await line(display, display.stdout, /^(\d+)$/)}`;
      // A driver has one session, and a session one set of cookies, so each window has its own driver.
      const port = await freePort();
      const process = spawn(driver, [`--port=${port}`], {
        stdio: 'ignore',
        env: { ...globalThis.process.env, DISPLAY: name, LIBGL_ALWAYS_SOFTWARE: '1' },
      });
      processes.push(process);
      await answers(`http://127.0.0.1:${port}/status`, process);
      const capabilities = new Capabilities({
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
      });
      const session = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
      sessions.push(session);
      await session.manage().setTimeouts({ pageLoad: LIMIT, script: LIMIT });
      return webkitWindow(session);
    },
    async close() {
      await Promise.all(sessions.map((session) => session.quit()));
      processes.forEach((process) => process.kill());
    },
  };
}

function webkitWindow(session: WebDriver): Window {
  const element = (found: WebElement): Element => ({
    visible: () => found.isDisplayed(),
    text: async () => (await found.getText()).trim(),
    click: () => found.click(),
    fill: (text) => found.sendKeys(text),
  });
  return {
    open: (url) => session.get(url),
    address: () => session.getCurrentUrl(),
    all: async (selector) => (await session.findElements(By.css(selector))).map(element),
    picture: async () => Buffer.from(await session.takeScreenshot(), 'base64'),
    evaluate: (expression) => session.executeScript(`return (${expression})`),
  };
}

/** A free port. The driver cannot select one itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the address answers. Fails if the program ends before. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  await expect
    .poll(
      async () => {
        if (child.exitCode !== null) {
          throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
        }
        return fetch(url).then(
          (answer) => answer.ok,
          () => false,
        );
      },
      { timeout: LIMIT, message: `${child.spawnfile} answers` },
    )
    .toBe(true);
}

/** The first match in the output lines of a program. */
async function line(child: ChildProcess, output: Readable, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: output }).on('line', (text) => {
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code}`)));
  });
}
