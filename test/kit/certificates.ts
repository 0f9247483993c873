import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM, as the key is. */
  cert: string;
  key: string;
  certFile: string;
  keyFile: string;
}

/** An authority of its own, and what it signs, as files in a folder that `remove` removes. */
export class Authority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'tradepost-tls-'));

  private constructor(private readonly own: { cert: string; key: string }) {
    this.write('ca.pem', own.cert);
  }

  static async create(name: string): Promise<Authority> {
    const made = await generate([{ name: 'commonName', value: name }], {
      ...common,
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    return new Authority({ cert: made.cert, key: made.private });
  }

  get cert(): string {
    return this.own.cert;
  }

  get certFile(): string {
    return join(this.folder, 'ca.pem');
  }

  /** For a server of this address, or for a client of this name. */
  async sign(name: string): Promise<Certificate> {
    const ca = { ...this.own };
    const made = await generate([{ name: 'commonName', value: name }], {
      ...common,
      ca,
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        {
          name: 'subjectAltName',
          altNames: [/^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }],
        },
      ],
    });
    const { cert, private: key } = made;
    const stem = name.replaceAll('.', '-');
    return {
      ...{ cert, key },
      certFile: this.write(`${stem}.pem`, cert),
      keyFile: this.write(`${stem}.key`, key),
    };
  }

  /** @returns its path */
  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
