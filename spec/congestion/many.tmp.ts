import { runScenario, mbit } from './scenario.ts';
const what=process.argv[2]??'jain'; const ctl=(process.argv[3]??'model') as never;
const o={mode:'fast3' as const,stream:true,sendWindow:65535,receiveWindow:65535,controller:ctl};
if(what==='jain') for (const n of (process.argv[5]??"2,4,8").split(",").map(Number)) for (const [rate,rtt] of (process.argv[6]==="100"?[[100,50]]:[[20,50],[100,50]]) as [number,number][]) {
  const seconds=10*n+10;
  const r=runScenario({line:{rate:mbit(rate),rtt,buffer:{bdp:1}}, flows:Array.from({length:n},(_, i)=>({kind:'session' as const, options:o, startAt:10*i})), seconds, interval:500, measureFrom: 10*(n-1)+20*rtt/1000});
  const g=r.flows.map(f=>f.goodput); const jain=g.reduce((a,b)=>a+b)**2/(n*g.reduce((a,b)=>a+b*b,0));
  console.log(n,rate,'jain',jain.toFixed(3),'util',r.line.utilisation.toFixed(3),'queue',r.line.queueBdp.median.toFixed(2),g.map(x=>(x*8/1e6).toFixed(1)).join(' '), 'retr',r.flows.map(f=>f.retransmitted.toFixed(3)).join(' '));
  if(process.argv[4]) for(let k=0;k<seconds*2;k++) console.log(k/2, r.flows.map(f=>((f.rates[k]??0)*8/1e6).toFixed(1).padStart(6)).join(' '), ((r.line.queues[k]??0)*8/1e3/rate).toFixed(1)+'ms');
}
if(what==='cubic') for (const bdp of (process.argv[5]??"0.5,1,4").split(",").map(Number)) for (const other of ['cubic'] as const) {
  const r=runScenario({line:{rate:mbit(20),rtt:50,buffer:{bdp}}, flows:[{kind:'session',options:o},{kind:other,startAt:2}], seconds:60, measureFrom:15, interval:1000});
  const g=r.flows.map(f=>f.goodput*8/1e6);
  console.log(bdp,other,'ours',g[0]!.toFixed(1),'theirs',g[1]!.toFixed(1),'fair',(2*g[0]!/(g[0]!+g[1]!)).toFixed(2),'util',r.line.utilisation.toFixed(3),'queue',r.line.queueBdp.median.toFixed(2),'retr',r.flows.map(f=>f.retransmitted.toFixed(3)).join(' '));
  if(process.argv[4]) for(let k=0;k<60;k++) console.log(k, r.flows.map(f=>((f.rates[k]??0)*8/1e6).toFixed(1).padStart(6)).join(' '), ((r.line.queues[k]??0)*8/1e3/20).toFixed(1)+'ms');
}
if(what==='drop') { const r=runScenario({line:{rate:mbit(100),rtt:50,buffer:{bdp:1}}, flows:[{kind:'session',options:o}], seconds:30, measureFrom:3, interval:100, changes:[{at:10,rate:mbit(5)},{at:20,rate:mbit(100)}]});
  console.log(r.flows[0]!.failure, r.line.utilisation); for(let k=97;k<200;k+=(k<125?1:8)) console.log(k/10, (r.flows[0]!.rates[k]!*8/1e6).toFixed(1), ((r.line.queues[k]??0)*8/1e3/5).toFixed(0)+'ms'); for(let k=199;k<215;k++) console.log(k/10, (r.flows[0]!.rates[k]!*8/1e6).toFixed(1), ((r.line.queues[k]??0)*8/1e3/100).toFixed(0)+'ms'); }
if(what==='thin') { const r=runScenario({line:{rate:mbit(20),rtt:50,buffer:{bdp:1}}, flows:[{kind:'session',options:o},{kind:'session',options:o,traffic:{bytes:64,every:20}}], seconds:30, measureFrom:5});
  console.log(JSON.stringify(r.flows[1]!.latency), r.line.utilisation); }
