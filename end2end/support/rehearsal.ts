import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What the server prints when it listens: one line of JSON. */
interface Addresses {
  /** Where the pages are, `http://127.0.0.1:<port>`. */
  site: string;
  /** What a barista opens first. */
  staff: string;
  /** Where the clock is turned. */
  control: string;
  /** AWS's own API. */
  aws: string;
}

/**
 * The real server, on an empty data folder of its own, with a clock that only this test turns. Everything else, from
 * the cookies to the SQLite file, is what a bar runs.
 */
export class Rehearsal {
  private constructor(
    private process: ChildProcess,
    private readonly folder: string,
    public addresses: Addresses,
    private readonly words: string[],
  ) {}

  static async start(): Promise<Rehearsal> {
    const folder = await mkdtemp(join(tmpdir(), 'doppio-'));
    const words: string[] = [];
    const { child, addresses } = await Rehearsal.run(folder, words);
    return new Rehearsal(child, folder, addresses, words);
  }

  /** Ends the server and starts it again on its data, at the time of its clock; `SIGKILL` is a crash. */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const at = Date.parse(await this.advance(0));
    await this.end(signal);
    const { child, addresses } = await Rehearsal.run(this.folder, this.words, { REHEARSAL_AT: String(at) });
    this.process = child;
    this.addresses = addresses;
  }

  private static async run(
    folder: string,
    words: string[],
    env: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; addresses: Addresses }> {
    const binary = process.env.REHEARSAL;
    if (!binary) {
      throw new Error('REHEARSAL names no program; run `cargo xtask test browser`');
    }
    const root = join(import.meta.dirname, '..', '..');
    const child = spawn(binary, ['--data-dir', folder], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const addresses = await new Promise<Addresses>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        words.push(line);
        if (line.startsWith('{')) {
          resolve(JSON.parse(line) as Addresses);
        }
      });
      createInterface({ input: child.stderr }).on('line', (line) => words.push(line));
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${words.join('\n')}`)));
    });
    return { child, addresses };
  }

  /** Everything that the server has written to its log and its output. */
  get log(): string {
    return this.words.join('\n');
  }

  url(path: string): string {
    return new URL(path, this.addresses.site).href;
  }

  /** Turns the clock, and says what it shows. Without it, no time passes for orders and workflows. */
  async advance(seconds: number): Promise<string> {
    const answer = await fetch(new URL(`/advance?seconds=${seconds}`, this.addresses.control), { method: 'POST' });
    if (!answer.ok) {
      throw new Error(`the clock cannot be turned: ${answer.status} ${await answer.text()}`);
    }
    return answer.text();
  }

  /** The items of the order table, as DynamoDB gives them. */
  async orders(): Promise<Record<string, { S?: string; N?: string }>[]> {
    const body = await this.aws<{ Items?: Record<string, { S?: string; N?: string }>[] }>('DynamoDB_20120810.Query', {
      TableName: 'serverlesspresso-order-table',
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'orders' } },
      ConsistentRead: true,
    });
    if (!body.Items) {
      throw new Error(`the order table cannot be read: ${JSON.stringify(body)}`);
    }
    return body.Items;
  }

  /** Changes the settings of the bar past its pages, as a manager with the AWS command line does. */
  async settings(change: string, values?: Record<string, { N?: string; BOOL?: boolean }>): Promise<void> {
    await this.aws('DynamoDB_20120810.UpdateItem', {
      TableName: 'serverlesspresso-config-table',
      Key: { PK: { S: 'config' } },
      UpdateExpression: change,
      ...(values ? { ExpressionAttributeValues: values } : {}),
    });
  }

  /** Writes the menu past the pages: any attributes, as DynamoDB has them, in place of the list of drinks. */
  async writeMenu(value: object): Promise<void> {
    await this.aws('DynamoDB_20120810.PutItem', {
      TableName: 'serverlesspresso-config-table',
      Item: { PK: { S: 'menu' }, value },
    });
  }

  /**
   * Sets the order number that was drawn last, as at a bar that has been open for long. The first 200 numbers are held,
   * so that the numbers after 999 have four digits.
   */
  async lastNumber(number: number): Promise<void> {
    const table = 'serverlesspresso-counting-table';
    const last = { PK: { S: 'orderID' }, IDvalue: { N: String(number) }, businessDay: { S: businessDay() } };
    await this.aws('DynamoDB_20120810.PutItem', { TableName: table, Item: last });
    const held = Array.from({ length: 200 }, (_, at) => ({
      PK: { S: `number ${at + 1}` },
      orderId: { S: 'another' },
      heldUntil: { S: '9999-12-31T00:00:00.000Z' },
    }));
    // A batch has at most 25 items.
    for (let from = 0; from < held.length; from += 25) {
      const requests = held.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
      await this.aws('DynamoDB_20120810.BatchWriteItem', { RequestItems: { [table]: requests } });
    }
  }

  /** Calls AWS's own API. */
  private async aws<Answer>(target: string, body: object): Promise<Answer> {
    const answer = await fetch(this.addresses.aws, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/dynamodb/aws4_request',
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) {
      throw new Error(`${target} was refused: ${answer.status} ${await answer.text()}`);
    }
    return (await answer.json()) as Answer;
  }

  /** What the table says of the order of this number. */
  async state(number: string): Promise<string | undefined> {
    const order = (await this.orders()).find((item) => item['orderNumber']?.S === number);
    return order?.['ORDERSTATE']?.S;
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
      const patience = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(patience);
    }
  }
}

/** The local date of the time four hours ago, as the server names its business day. */
function businessDay(): string {
  const day = new Date(Date.now() - 4 * 60 * 60 * 1_000);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
