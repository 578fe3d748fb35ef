// Functions whose bytecodes the tests look up: many registers (Star0 to Star15 and beyond), far jumps
// and high registers (wide operands), and constructs that Node's own start may not use.
'use strict';

const names = Array.from({ length: 300 }, (_, index) => 'r' + index);
const wide = new Function(
  'a',
  names.map((name, index) => `let ${name} = a + ${index};`).join('\n') +
    'return ' + names.join('+') + ';');
wide(1);

function short(a) {
  let b = a + 1, c = b + 1, d = c + 1, e = d + 1, f = e + 1, g = f + 1, h = g + 1, i = h + 1;
  let j = i + 1, k = j + 1, l = k + 1, m = l + 1, n = m + 1, o = n + 1, p = o + 1, q = p + 1;
  return [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q];
}
short(1);

function* generate() {
  for (const [key, value] of Object.entries({ a: 1 })) yield* [key, value];
}
[...generate()];

async function wait() {
  for await (const value of generate()) await value;
}
wait();

function rare(x, y) {
  switch (x) {
    case 0: return -y; case 1: return ~y; case 2: return y ** 2; case 3: return y >>> 1;
    case 4: return typeof y; case 5: return delete y.z; case 6: return y in x;
  }
  for (const key in y) x += key;
  try { throw new Error(`${x}`); } catch ({ message }) { return message?.length ?? /x/g; }
}
for (let index = 0; index < 8; index++) if (index < 5 || index > 6) rare(index, { z: 1 });

class Base { #hidden = 1; static #count = 0; get hidden() { return this.#hidden; } }
class Derived extends Base { constructor() { super(); } get hidden() { return super.hidden; } }
new Derived().hidden;
