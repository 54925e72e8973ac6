import ts from 'typescript'; import {readFileSync,readdirSync} from 'node:fs';
const src=readFileSync('spec/docs/prose-spec.ts','utf8');
const arr=src.slice(src.indexOf('const PATTERNS'),src.indexOf('];')+2).replace(/: readonly[^=]*=/,' =');
const PATTERNS=eval(arr.replace('const PATTERNS =','')+'');
const out=[];
for (const dir of process.argv.slice(2)) for (const f of readdirSync(dir,{recursive:true}).map(String).filter(f=>/\.(ts|mjs|tsx)$/.test(f)&&!f.includes('node_modules')&&!f.includes('assembly')&&!f.endsWith('module.ts'))) {
  const p=dir+'/'+f; const text=readFileSync(p,'utf8');
  const sc=ts.createSourceFile(p,text,ts.ScriptTarget.Latest,true);
  const seen=new Set();
  const visit=n=>{ for(const r of [...(ts.getLeadingCommentRanges(text,n.pos)??[]),...(ts.getTrailingCommentRanges(text,n.end)??[])]) { if(seen.has(r.pos)) continue; seen.add(r.pos); const raw=text.slice(r.pos,r.end); const c=raw.replace(/`[^`]*`/g,m=>'code'+'\n'.repeat(m.split('\n').length-1)); c.split('\n').forEach((l,i)=>{ for(const [re] of PATTERNS){ const m=re.exec(l); if(m) out.push(`${p}:${sc.getLineAndCharacterOfPosition(r.pos).line+1+i}: [${m[0]}] ${l.trim()}`)} }) }
    if((ts.isStringLiteral(n)||ts.isNoSubstitutionTemplateLiteral(n)||ts.isTemplateHead(n)||ts.isTemplateMiddle(n)||ts.isTemplateTail(n))) for(const [re] of PATTERNS){const m=re.exec(n.text); if(m) out.push(`${p}:${sc.getLineAndCharacterOfPosition(n.getStart()).line+1}: STR [${m[0]}] ${n.text.slice(0,150)}`)}
    ts.forEachChild(n,visit)};
  visit(sc);
}
console.log(out.join('\n')); console.log(out.length);
