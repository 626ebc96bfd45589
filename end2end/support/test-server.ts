import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The addresses that the server prints as one line of JSON. */
interface Addresses {
  /** The pages, `http://127.0.0.1:<port>`. */
  site: string;
  /** The staff link. */
  staff: string;
  /** The control of the clock. */
  control: string;
  /** The AWS API. */
  aws: string;
}

/**
 * The real server with an empty data folder and a clock that only this test advances. Everything else, from
 * the cookies to the SQLite file, is what a bar runs.
 */
export class TestServer {
  private constructor(
    private process: ChildProcess,
    private readonly folder: string,
    public addresses: Addresses,
    private readonly output: string[],
  ) {}

  static async start(): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'doppio-'));
    const output: string[] = [];
    const { child, addresses } = await TestServer.run(folder, output);
    return new TestServer(child, folder, addresses, output);
  }

  /** Stops the server and starts it again with the same data and time. `SIGKILL` simulates a crash. */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const at = Date.parse(await this.advance(0));
    await this.end(signal);
    const { child, addresses } = await TestServer.run(this.folder, this.output, { TEST_SERVER_TIME: String(at) });
    this.process = child;
    this.addresses = addresses;
  }

  private static async run(
    folder: string,
    output: string[],
    env: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; addresses: Addresses }> {
    const binary = process.env.TEST_SERVER;
    if (!binary) {
      throw new Error('TEST_SERVER names no program; run `cargo xtask test browser`');
    }
    const root = join(import.meta.dirname, '..', '..');
    const child = spawn(binary, ['--data-dir', folder], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const addresses = await new Promise<Addresses>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        output.push(line);
        if (line.startsWith('{')) {
          resolve(JSON.parse(line) as Addresses);
        }
      });
      createInterface({ input: child.stderr }).on('line', (line) => output.push(line));
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output.join('\n')}`)));
    });
    return { child, addresses };
  }

  /** The log and output of the server. */
  get log(): string {
    return this.output.join('\n');
  }

  url(path: string): string {
    return new URL(path, this.addresses.site).href;
  }

  /** Advances the clock and returns its time. Otherwise no time passes for orders and workflows. */
  async advance(seconds: number): Promise<string> {
    const answer = await fetch(new URL(`/advance?seconds=${seconds}`, this.addresses.control), { method: 'POST' });
    if (!answer.ok) {
      throw new Error(`the clock cannot be advanced: ${answer.status} ${await answer.text()}`);
    }
    return answer.text();
  }

  /** The items of the order table, as DynamoDB returns them. */
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

  /** Changes the settings of the bar through the AWS API. */
  async settings(change: string, values?: Record<string, { N?: string; BOOL?: boolean }>): Promise<void> {
    await this.aws('DynamoDB_20120810.UpdateItem', {
      TableName: 'serverlesspresso-config-table',
      Key: { PK: { S: 'config' } },
      UpdateExpression: change,
      ...(values ? { ExpressionAttributeValues: values } : {}),
    });
  }

  /** Replaces the menu through the AWS API by any DynamoDB attribute. */
  async writeMenu(value: object): Promise<void> {
    await this.aws('DynamoDB_20120810.PutItem', {
      TableName: 'serverlesspresso-config-table',
      Item: { PK: { S: 'menu' }, value },
    });
  }

  /**
   * Sets the last assigned order number. The first 200 numbers are reserved, so that the numbers after 999 have four
   * digits.
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

  /** Calls the AWS API. */
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

  /** The `ORDERSTATE` of the order with this number. */
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
      const timeout = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timeout);
    }
  }
}

/** The business day of the server: the local date four hours ago. */
function businessDay(): string {
  const day = new Date(Date.now() - 4 * 60 * 60 * 1_000);
  const twoDigits = (number: number) => String(number).padStart(2, '0');
  return `${day.getFullYear()}-${twoDigits(day.getMonth() + 1)}-${twoDigits(day.getDate())}`;
}
