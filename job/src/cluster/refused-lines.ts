/** Where the server refuses to answer in lines. */
export class RefusedLines extends Error {
  override name = 'RefusedLines';
  readonly statusCode: number;
  readonly body: string;

  constructor(statusCode: number, body: string) {
    super(`HTTP ${statusCode}`);
    this.statusCode = statusCode;
    this.body = body;
  }
}
