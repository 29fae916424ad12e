# Draws R10.svg, R10.png and R10.pdf. Say: gnuplot R10.gp
set encoding utf8
$d1 << EOD
0 41.760048
EOD
$d2 << EOD
0 45.0
EOD
$d3 << EOD
1 81.023888
EOD
$d4 << EOD
1 87.5
EOD
$d5 << EOD
0 19.0186182
EOD
$d6 << EOD
0 19.5
EOD
$d7 << EOD
1 37.7358545
EOD
$d8 << EOD
1 39.0
EOD
$d9 << EOD
50 180.0
100 330.0
200 630.0
300 930.0
500 1530.0
1000 3030.0
EOD
$d10 << EOD
50 166.028256
100 315.032944
200 615.0329439999999
300 915.032944
500 1515.03294
1000 3015.03294
EOD
$d11 << EOD
50.0 180.0
100.0 330.0
200.0 630.0
300.0 930.0
500.0 1530.0
1000.0 3030.0
EOD
$d12 << EOD
50 162.0
100 312.0
200 612.0
300 912.0
500 1512.0
1000 3012.0
EOD
$d13 << EOD
50.0 180.0
100.0 330.0
200.0 630.0
300.0 930.0
500.0 1530.0
1000.0 3030.0
EOD
do for [kind in 'png svg pdf'] {
if (kind eq 'png') {
  set terminal pngcairo size 990,796 font 'sans-serif,12' linewidth 1.5
}
if (kind eq 'svg') {
  set terminal svg size 990,796 font 'sans-serif,15' linewidth 1.5 background '#ffffff'
}
if (kind eq 'pdf') {
  set terminal pdfcairo size 10.31in,8.29in font 'sans-serif,11' linewidth 1
}
set output 'R10.'.kind
set multiplot
set border 3 linecolor '#666666'
set tics nomirror scale 0.5 textcolor '#333333'
set grid y linetype 1 linewidth 0.5 linecolor '#dddddd'
set style fill solid 1 noborder
set label 1 'R10: Latency and failover (Multipath tutorial, ACM SIGCOMM 2020)' at screen 0.10101,0.96734 left noenhanced \
  font 'sans-serif:Bold,17'
set label 2 'curves: measured with flowbind; rings: reference points' at screen 0.10101,0.93467 left noenhanced \
  textcolor '#555555'
unset key
set label '■' at screen 0.09091,0.89698 left front textcolor '#0072B2'
set label '3 x interval + a round trip' at screen 0.09091,0.89698 left front offset 2,0 noenhanced
set label '■' at screen 0.35495,0.89698 left front textcolor '#E69F00'
set label 'from the mobile node' at screen 0.35495,0.89698 left front offset 2,0 noenhanced
set label '■' at screen 0.56101,0.89698 left front textcolor '#009E73'
set label 'toward the mobile node' at screen 0.56101,0.89698 left front offset 2,0 noenhanced
set lmargin at screen 0.09091
set rmargin at screen 0.47475
set tmargin at screen 0.82915
set bmargin at screen 0.52764
set label 999 '10 kB there and 10 kB back, 40 and 80 ms RTT' at graph 0, graph 1.07 left noenhanced font 'sans-serif:Bold'
set xlabel '' noenhanced
set ylabel 'time for both, ms' noenhanced
unset logscale
set xtics autofreq
set xrange [*:*]
set yrange [0:*]
unset arrow
set xtics ('lowest-rtt' 0, 'round-robin' 1)
set boxwidth 0.6
set xrange [-0.6:1.6]
plot $d1 using 1:2 with boxes linecolor '#0072B2' notitle, \
  $d2 using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 linecolor '#000000' notitle, \
  $d3 using 1:2 with boxes linecolor '#E69F00' notitle, \
  $d4 using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 linecolor '#000000' notitle
unset label
set lmargin at screen 0.57576
set rmargin at screen 0.95960
set tmargin at screen 0.82915
set bmargin at screen 0.52764
set label 999 'TCP over 20 Mbit/s, 40 ms RTT' at graph 0, graph 1.07 left noenhanced font 'sans-serif:Bold'
set xlabel '' noenhanced
set ylabel 'goodput, Mbit/s' noenhanced
unset logscale
set xtics autofreq
set xrange [*:*]
set yrange [0:*]
unset arrow
set xtics ('one link' 0, 'two, weighted' 1)
set boxwidth 0.6
set xrange [-0.6:1.6]
plot $d5 using 1:2 with boxes linecolor '#0072B2' notitle, \
  $d6 using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 linecolor '#000000' notitle, \
  $d7 using 1:2 with boxes linecolor '#E69F00' notitle, \
  $d8 using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 linecolor '#000000' notitle
unset label
set lmargin at screen 0.09091
set rmargin at screen 0.47475
set tmargin at screen 0.39573
set bmargin at screen 0.09422
set label 999 'A path goes silent' at graph 0, graph 1.07 left noenhanced font 'sans-serif:Bold'
set xlabel 'time between two probes, ms' noenhanced
set ylabel 'gap in the stream, ms' noenhanced
unset logscale
set xtics autofreq
set xrange [0:1050]
set yrange [0:*]
unset arrow
plot $d9 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 1.6 linecolor '#0072B2' notitle, \
  $d10 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 1.6 linecolor '#E69F00' notitle, \
  $d11 using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 linecolor '#000000' notitle, \
  $d12 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 1.6 linecolor '#009E73' notitle, \
  $d13 using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 linecolor '#000000' notitle
unset label
unset multiplot
}
