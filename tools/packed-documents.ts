/**
 * An esbuild plugin that packs the generated documents of the surfaces: texts of some hundred KB that
 * repeat themselves, of which a bundle then holds a tenth. They are unpacked when they are loaded, which takes two milliseconds.
 */
import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'esbuild';

export const packedDocuments: Plugin = {
  name: 'packed-documents',
  setup({ onLoad }) {
    onLoad({ filter: /\/docs\/(openapi|mcp-tools)\.json$/ }, async ({ path }) => {
      const text = JSON.stringify(JSON.parse(await readFile(path, 'utf8')));
      const packed = brotliCompressSync(text).toString('base64');
      return {
        contents: `import { brotliDecompressSync } from 'node:zlib';
          export default JSON.parse(brotliDecompressSync(Buffer.from(${JSON.stringify(packed)}, 'base64')).toString());`,
        loader: 'js',
      };
    });
  },
};
