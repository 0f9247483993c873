import { asyncApiOf } from './asyncapi/document';
import { speakers } from './speakers';

/** A file that is written from the code. */
export interface GeneratedDocument {
  file: string;
  text: string;
}

/** As the code has them now. */
export async function documents(): Promise<GeneratedDocument[]> {
  return [inJson('docs/asyncapi.json', await asyncApiOf(await speakers()))];
}

function inJson(file: string, document: object): GeneratedDocument {
  return { file, text: `${JSON.stringify(document, null, 2)}\n` };
}
