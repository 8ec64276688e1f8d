import { describe, expect, it } from 'vitest';
import { fencesOf, modulesOf, problemsIn } from './fences.mjs';

const fence = (code: string, language = 'ts'): string => `\`\`\`${language}\n${code}\n\`\`\``;

describe('fencesOf', () => {
  it('finds TypeScript only, with the line in which the code begins', () => {
    const page = ['# title', fence('a();\nb();'), 'text', fence('x: 1', 'yaml'), fence('c();', 'ts no-check')].join(
      '\n',
    );
    expect(fencesOf(page)).toEqual([
      { line: 3, info: '', code: 'a();\nb();' },
      { line: 11, info: 'no-check', code: 'c();' },
    ]);
  });

  it('does not let another name of the language escape', () => {
    expect(fencesOf([fence('a', 'typescript'), fence('b', 'tsx')].join('\n')).map(({ code }) => code)).toEqual([
      'a',
      'b',
    ]);
  });

  it('takes Windows line ends and code that mentions other fences', () => {
    expect(fencesOf('```ts\r\na;\r\n```\r\n')).toEqual([{ line: 2, info: '', code: 'a;' }]);
    expect(fencesOf(`${fence('in text', 'text')}\n${fence('b')}`)).toEqual([{ line: 5, info: '', code: 'b' }]);
  });

  it('names lines that hold the code, whatever stands between', () => {
    const page = Array.from({ length: 20 }, (_, i) => [
      'text',
      ...'\n'.repeat(i % 4).split('\n'),
      fence(`code${i};`),
    ]).flat();
    const lines = page.join('\n').split('\n');
    const found = fencesOf(page.join('\n'));
    expect(found).toHaveLength(20);
    for (const { line, code } of found) expect(lines[line - 1]).toBe(code);
  });
});

describe('modulesOf', () => {
  it('joins what carries one name and keeps everything else apart', () => {
    const fences = [
      { line: 5, info: '', code: '// parts.ts\nconst a = 1;' },
      { line: 20, info: '', code: 'const b = 2;' },
      { line: 30, info: '', code: '// parts.ts, continued\nconst c = a;' },
      { line: 40, info: '', code: '// a sentence about x.tsv' },
    ];
    expect(modulesOf(fences)).toEqual([
      {
        name: 'parts.ts',
        code: '// parts.ts\nconst a = 1;\n// parts.ts, continued\nconst c = a;',
        lines: [5, 6, 30, 31],
      },
      { name: 'line-20.ts', code: 'const b = 2;', lines: [20] },
      { name: 'line-40.ts', code: '// a sentence about x.tsv', lines: [40] },
    ]);
  });
});

describe('problemsIn', () => {
  const pages = new Map([
    ['docs-a-md', { page: 'docs/a.md', modules: [{ name: 'parts.ts', code: '', lines: [5, 6, 30] }] }],
  ]);

  it('says where on the page a mistake is', () => {
    const output = [
      'tooling/dist/fences/docs-a-md/parts.ts(3,7): error TS2304: Cannot find name X.',
      '  An explanation that follows.',
      '',
      'tooling\\dist\\fences\\docs-a-md\\parts.ts(1,1): error TS1: no.',
    ];
    expect(problemsIn(output.join('\n'), pages)).toEqual([
      'docs/a.md:30:7 error TS2304: Cannot find name X.',
      'docs/a.md:5:1 error TS1: no.',
    ]);
  });

  it('hides nothing that it cannot place', () => {
    const lines = ['packages/a/src/b.ts(1,1): error TS1: no.', 'error TS5083: Cannot read file.'];
    expect(problemsIn(lines.join('\n'), pages)).toEqual(lines);
  });
});
