import { Document, isScalar, visit } from 'yaml';
import { toPlain } from './dump.js';

export function toYaml(data: unknown): string {
  const document = new Document(toPlain(data), { aliasDuplicateObjects: false });
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '<<') key.type = 'QUOTE_DOUBLE'; // plain, it would merge
    },
  });
  return document.toString({ lineWidth: 0 });
}
