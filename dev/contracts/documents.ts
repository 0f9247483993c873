import { asyncApiOf } from './asyncapi/document';
import { openApiDocuments } from './openapi/documents';
import { speakers } from './speakers';

/** A file that is written from the code. */
export interface GeneratedDocument {
  file: string;
  text: string;
}

/** As the code has them now. */
export async function documents(): Promise<GeneratedDocument[]> {
  const all = await speakers();
  const openApi = await openApiDocuments(all);
  return [
    inJson('docs/asyncapi.json', await asyncApiOf(all)),
    ...openApi.map(({ file, document }) => inJson(file, document)),
  ];
}

function inJson(file: string, document: object): GeneratedDocument {
  return { file, text: `${JSON.stringify(document, null, 2)}\n` };
}
