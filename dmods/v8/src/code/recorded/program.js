'use strict';
const fs = require('fs');
function probe(a, b) {
  if (a > 1e6) {
    Error.stackTraceLimit = 6;
    process._rawDebug(new Error('x').stack);
    process._rawDebug('READY');
    fs.readSync(0, Buffer.alloc(1));
  }
  return a + b;
}
%NeverOptimizeFunction(probe);
function inner(a, b) { return probe(a, b) + 1; }
function middle(a, o) { return inner(a, o.x) * 2; }
function outerPlain(a) { let o = {x: a, y: 2.5}; o.self = o; return middle(a, o) + o.y; }
function restLength(k, ...rest) { return probe(k, rest.length); }
function extra(a, b) { return probe(a, 1); }
function outerArguments(a, ...r) { let f = a * 0.5; return extra(a, r, 7, 8) + restLength(a, f, r) + f; }
class Point { constructor(x) { this.x = x; this.y = probe(x, 2); } }
function outerNew(a) { let p = new Point(a); return p.x + p.y; }
function outerMap(list) { let k = 3; return list.map(x => inner(x, k)); }
const holes = [1.5, , 2.5];
function outerRare(a, i) {
  const list = arguments, hole = holes[i & 1], big = BigInt.asIntN(64, BigInt(a) + 5n);
  new Promise(() => probe(a, 1));
  return list.length + list[0] + (hole === undefined ? 0 : hole) + Number(big);
}
const outers = { outerRare, outerPlain, outerArguments, outerNew, outerMap };
const which = process.argv[2];
const tier = process.argv[3];
const f = outers[which];
const small = which == 'outerMap' ? [1, 2, 3] : 5;
const large = which == 'outerMap' ? [1, 2e6, 3] : 2e6;
if (tier != 'baseline') {
  for (const g of [inner, middle, f, restLength, extra, Point]) %PrepareFunctionForOptimization(g);
  for (let i = 0; i < 20; i++) f(small, i);
  if (tier == 'turbofan') %OptimizeFunctionOnNextCall(f); else %OptimizeMaglevOnNextCall(f);
}
f(small, 1); f(small, 2);
f(large, 3);
