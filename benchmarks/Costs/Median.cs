using System;

namespace Costs;

/// <summary>The middle of some figures.</summary>
internal static class Median
{
    public static double Of(double[] figures)
    {
        if (figures.Length == 0)
            return 0;
        Array.Sort(figures);
        var middle = figures.Length / 2;
        return figures.Length % 2 == 1 ? figures[middle] : (figures[middle - 1] + figures[middle]) / 2;
    }
}
