import { runScenario, mbit } from './scenario.ts';
const losses=(process.argv[2]??'0').split(',').map(Number), ctl=process.argv[3]??'model', bdp=Number(process.argv[4]??1);
for (const loss of losses) for (const rate of [1,20,100]) for (const rtt of [20,100,200]) {
 const seconds = Math.min(60, Math.max(20, 200*rtt/1000));
 const r = runScenario({ line:{rate:mbit(rate), rtt, buffer:{bdp}, loss}, flows:[{kind:'session', options:{mode:'fast3',stream:true,sendWindow:65535,receiveWindow:65535,controller:ctl as never}}], seconds, measureFrom: 5});
 const f=r.flows[0]!; const bytes=f.overhead*(1-loss)/(1+52/1376);
 console.log(`loss ${loss} ${rate} Mbit ${rtt} ms: util ${r.line.utilisation.toFixed(3)} share ${f.share.toFixed(3)} queue ${r.line.queueBdp.median.toFixed(2)} p99 ${r.line.queueBdp.p99.toFixed(2)} retr ${f.retransmitted.toFixed(4)} bytes ${bytes.toFixed(3)} drop ${f.dropped.toFixed(4)} ${f.failure??''}`);
}
