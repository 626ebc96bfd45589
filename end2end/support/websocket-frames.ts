/** A websocket frame: its bytes, its text if it is a text frame, and its payload if it is a ping. */
export interface Frame {
  bytes: Buffer;
  text?: string;
  ping?: Buffer;
}

const TEXT = 1;
const PING = 9;
const PONG = 10;

/** Splits one direction of a websocket into frames (RFC 6455, section 5.2), after the handshake. */
export class Frames {
  private rest = Buffer.alloc(0);

  /** The frames that these bytes complete. The server never fragments frames. */
  read(bytes: Buffer): Frame[] {
    this.rest = Buffer.concat([this.rest, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.next(); frame; frame = this.next()) {
      frames.push(frame);
    }
    return frames;
  }

  private next(): Frame | undefined {
    const { rest } = this;
    if (rest.length < 2) {
      return undefined;
    }
    const [first, second] = [rest[0]!, rest[1]!];
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const masked = (second & 0x80) !== 0;
    const start = 2 + lengthBytes + (masked ? 4 : 0);
    if (rest.length < start) {
      return undefined;
    }
    const length =
      lengthBytes === 0 ? short : lengthBytes === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < start + length) {
      return undefined;
    }
    const bytes = rest.subarray(0, start + length);
    this.rest = rest.subarray(start + length);
    const mask = masked ? bytes.subarray(start - 4, start) : undefined;
    const payload = Buffer.from(bytes.subarray(start));
    if (mask) {
      payload.forEach((byte, at) => (payload[at] = byte ^ mask[at % 4]!));
    }
    const opcode = first & 0x0f;
    return { bytes, ...(opcode === TEXT && { text: payload.toString() }), ...(opcode === PING && { ping: payload }) };
  }
}

/** A pong frame of a client. */
export function pong(payload: Buffer): Buffer {
  return masked(PONG, payload);
}

/** A text frame of a client. */
export function clientFrame(text: string): Buffer {
  return masked(TEXT, Buffer.from(text));
}

/** Any mask is allowed. A mask of zeros does not change the payload. */
function masked(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 6 : 8);
  head[0] = 0x80 | opcode;
  if (payload.length < 126) {
    head[1] = 0x80 | payload.length;
  } else {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}
